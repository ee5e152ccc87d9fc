"""Each way in which a service can fail has a real image here, and must be told with its right cause."""

import pytest

from buildkit.decisions.checks import ending, inbound, outgoing, start
from tests.image.verifying import run_verify

pytestmark = pytest.mark.docker


@pytest.fixture
def examine(bench):
    def run(name, *arguments):
        return bench.verify(bench.build(name), *arguments)

    return run


def test_the_control_passes_every_check(examine):
    found = examine("good", "--require-outgoing")
    assert found.failed == []
    assert found.exit_code == 0
    assert {check["outcome"] for check in found.checks.values()} == {"PASS"}


def test_a_service_on_the_official_images_layout_passes_too(bench, usrlocal_image):
    image = bench.build("good", base=usrlocal_image)
    found = bench.verify(image, "--require-outgoing", "--env", "PEER_URL=http://inventory:8080")
    assert found.failed == []
    assert found.exit_code == 0
    assert found.document["services"][0]["called"] == ["http://inventory:8080"]
    assert found.document["services"][0]["looked_up"] == ["inventory"]


def test_an_image_that_is_not_built_on_the_base(examine):
    found = examine("not_on_the_base")
    assert found.exit_code == 1
    assert found.failed == [start.BASE, inbound.JOINED, outgoing.CARRIED]
    assert "not built on the base" in found.checks[start.BASE]["detail"]
    assert "not built on the base" in found.checks[inbound.JOINED]["cause"]


def test_a_service_whose_image_switches_tracing_off(examine):
    found = examine("switched_off")
    assert found.exit_code == 1
    assert found.failed == [inbound.JOINED, outgoing.CARRIED]
    assert "the image's ENV says OTEL_SDK_DISABLED=true" in found.checks[inbound.JOINED]["cause"]


def test_a_service_whose_start_script_switches_tracing_off(examine):
    found = examine("switched_off_by_script")
    assert "(python served.py) says OTEL_SDK_DISABLED=true" in found.checks[inbound.JOINED]["cause"]


def test_a_service_that_skips_the_loader(examine):
    found = examine("bypassed")
    assert "the loader is bypassed" in found.checks[inbound.JOINED]["cause"]
    assert "-S" in found.checks[inbound.JOINED]["hint"]


def test_a_service_that_brings_its_own_interpreter(examine):
    found = examine("other_interpreter")
    assert "another interpreter, /app/other/bin/python3" in found.checks[inbound.JOINED]["cause"]


def test_a_service_that_crashes_at_start_is_noticed_at_once(examine):
    found = examine("crashes_at_start", "--timeout", "60")
    assert found.exit_code == 1
    assert found.failed == [start.STARTS]
    assert "exit code 1" in found.checks[start.STARTS]["detail"]
    assert "KeyError: 'DATABASE_URL'" in found.checks[start.STARTS]["cause"]
    assert "connecting" in found.last_lines
    assert found.seconds < 30, "a dead container was waited for"


def test_a_service_that_crashes_when_it_is_asked(examine):
    found = examine("crashes_when_asked")
    assert start.ANSWERS in found.failed
    assert "exit code 9" in found.checks[start.ANSWERS]["detail"]
    assert "cannot digest this" in found.checks[start.ANSWERS]["cause"]


def test_an_image_whose_command_is_not_there(examine):
    found = examine("no_such_command")
    assert found.failed == [start.STARTS]
    assert "exit code 127" in found.checks[start.STARTS]["detail"]
    assert "not in the image" in found.checks[start.STARTS]["hint"]


def test_a_service_that_never_listens(examine):
    found = examine("never_listens", "--timeout", "3")
    assert found.exit_code == 1
    assert found.failed == [start.LISTENS]
    assert "no TCP port" in found.checks[start.LISTENS]["detail"]
    assert "waiting for the database" in found.last_lines


def test_a_service_that_is_bound_to_the_loopback_address(examine):
    found = examine("listens_on_loopback", "--timeout", "3")
    assert found.failed == [start.LISTENS]
    assert "127.0.0.1:8000" in found.checks[start.LISTENS]["detail"]
    assert "loopback" in found.checks[start.LISTENS]["cause"]


def test_a_service_on_another_port_than_its_image_exposes(examine):
    found = examine("listens_elsewhere", "--timeout", "3")
    assert "0.0.0.0:5000" in found.checks[start.LISTENS]["detail"]
    assert "--port 5000" in found.checks[start.LISTENS]["hint"]


def test_the_port_can_be_told(examine):
    assert examine("listens_elsewhere", "--port", "5000").exit_code == 0


def test_of_several_exposed_ports_the_one_that_answers_is_asked(examine):
    """A child inherits the base's EXPOSE 8000 beside its own."""
    found = examine("exposes_another_port")
    assert found.exit_code == 0
    assert found.checks[start.LISTENS]["detail"] == "port 9000"


def test_a_service_that_does_not_speak_http(examine):
    found = examine("does_not_speak_http", "--timeout", "3")
    assert found.failed == [start.ANSWERS]
    assert "SSH-2.0" in found.checks[start.ANSWERS]["detail"]


def test_a_service_that_does_not_carry_the_headers_on(examine):
    found = examine("cuts_the_trace")
    assert found.exit_code == 1
    assert found.failed == [outgoing.CARRIED]
    assert "had no traceparent (GET /called)" in found.checks[outgoing.CARRIED]["detail"]
    assert "raw socket" in found.checks[outgoing.CARRIED]["cause"]


def test_a_service_that_loses_its_last_spans(examine):
    found = examine("loses_the_last_spans")
    assert ending.LAST in found.failed
    assert "6 of 6" in found.checks[ending.LAST]["detail"]


def test_a_service_that_ignores_the_stop_signal(examine):
    found = examine("ignores_the_stop_signal")
    assert ending.STOPS in found.failed
    assert "killed" in found.checks[ending.STOPS]["detail"]


def test_a_service_that_calls_nobody_is_not_proven_unless_it_must(examine):
    found = examine("good", "--env", "PEER_URL=")
    assert found.exit_code == 0
    assert found.checks[outgoing.CARRIED]["outcome"] == "SKIP"
    assert "--call-env" in found.checks[outgoing.CARRIED]["hint"]
    assert examine("good", "--env", "PEER_URL=", "--require-outgoing").exit_code == 1


def test_a_failure_is_told_in_words_with_the_services_last_lines(bench):
    ran = run_verify(bench.build("crashes_at_start"))
    assert ran.returncode == 1
    assert "cause: it crashes at start; its last words: KeyError: 'DATABASE_URL'" in ran.stdout
    assert "its last lines:" in ran.stdout
    assert "FAIL: " in ran.stdout.splitlines()[-1]
    assert "\x1b" not in ran.stdout
    assert max(len(line) for line in ran.stdout.splitlines()) <= 120


def test_an_image_that_is_nowhere_is_one_line():
    ran = run_verify("localhost:1/no/such-image:1")
    assert ran.returncode == 1
    assert "there is no image localhost:1/no/such-image:1 here" in ran.stderr
    assert "Traceback" not in ran.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ["--port", "0"],
        ["--port", "http"],
        ["--path", "x"],
        ["--env", "A"],
        ["--timeout", "-1"],
        ["--nonsense"],
        ["--parallel", "0"],
        ["--command", "'"],
        ["--probe", "health"],
        ["--fresh"],
        ["--fleet", "fleet.toml", "--path", "/x"],
    ],
)
def test_a_misused_option_is_told_and_ends_with_two(arguments):
    ran = run_verify("some/image", *arguments)
    assert ran.returncode == 2
    assert "Traceback" not in ran.stderr


def test_nothing_is_left_in_the_engine(bench):
    """The last test of this file, so that it looks at what all the others left."""
    assert bench.leftovers() == []
