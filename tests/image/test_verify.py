"""The sample company is traced end to end, and verifying leaves nothing behind, however it ends."""

import json
import re
import secrets
import signal
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from buildkit.verbs.build import ROOT
from tests.image.verifying import run_verify

HERE = Path(__file__).parent
pytestmark = pytest.mark.docker


@pytest.fixture(scope="module")
def company():
    ran = run_verify("--json")
    assert ran.stdout, ran.stderr
    return ran, json.loads(ran.stdout)


def test_the_sample_company_passes_every_check(company):
    ran, document = company
    outcomes = {
        (service["service"], check["name"]): check
        for service in document["services"]
        for check in service["checks"]
    }
    assert {key: check for key, check in outcomes.items() if check["outcome"] != "PASS"} == {}
    assert ran.returncode == 0
    assert document["passed"] is True


def test_one_trace_goes_through_all_three_services_and_back_to_us(company):
    _, document = company
    (asked, *_) = [one for one in document["requests"] if one["path"] == "/products/7"]
    spans = [(span["service"], span["kind"]) for span in asked["spans"]]
    chain = [(name, kind) for name in ("shop", "stock", "prices") for kind in ("server", "client")]
    assert spans == chain
    parents = [span["parent_id"] for span in asked["spans"][1:]]
    assert parents == [span["span_id"] for span in asked["spans"][:-1]]


def test_an_error_shows_in_its_trace(company):
    _, document = company
    (asked,) = [one for one in document["requests"] if one["path"] == "/broken"]
    assert asked["status"] == 500
    assert asked["spans"][0]["status"] == "500 LookupError"


def test_the_report_shows_the_tree_and_the_table_and_is_quick():
    ran = run_verify()
    assert ran.returncode == 0, ran.stdout
    lines = ran.stdout.splitlines()
    assert any(
        re.match(r"shop GET /products/<int:number> +server .*200 +\d+\.\d+\.\d+\.\d+", line) for line in lines
    )
    assert any(re.match(r" {6}└─ stock GET +client", line) for line in lines)
    assert any(re.match(r"Carries the trace on +PASS +PASS +PASS", line) for line in lines)
    assert lines[-1].startswith("PASS: ")
    assert max(map(len, lines)) <= 120
    assert "\x1b" not in ran.stdout
    assert re.search(r"wait for their spans: \d+\.\d s", ran.stderr)


@pytest.fixture(params=["one", "several"])
def running(bench, request):
    """A run of verify that waits for a service that never listens, alone or beside another."""
    image = bench.build("never_listens")
    others = [bench.build("good")] if request.param == "several" else []
    started = bench.engine.client.events(decode=True, filters={"event": "start", "image": image})
    command = [sys.executable, "-m", "buildkit", "verify", image, *others, "--timeout", "120"]
    with subprocess.Popen(
        command,
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        # Who runs in a shell's background ignores SIGINT, and so would its children.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509 - takes no lock
    ) as process:
        next(started)  # the relay, which runs the same image
        next(started)
        started.close()
        yield process
        if process.poll() is None:
            process.send_signal(signal.SIGINT)
            process.communicate(timeout=30)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_run_cleans_up_at_once(bench, running, number):
    assert bench.leftovers()
    running.send_signal(number)
    _, stderr = running.communicate(timeout=30)
    assert running.returncode == 130
    assert "interrupted" in stderr
    assert "Traceback" not in stderr
    assert bench.leftovers() == []


def test_a_killed_runs_leftovers_are_removed_by_the_next(bench, running):
    running.kill()
    running.communicate(timeout=30)
    assert bench.leftovers()
    assert run_verify(bench.build("good")).returncode == 0
    assert bench.leftovers() == []


@pytest.mark.parametrize("running", ["one"], indirect=True)
def test_a_run_leaves_another_one_alone(bench, running):
    before = {one.id for one in bench.leftovers()}
    assert run_verify(bench.build("good")).returncode == 0
    assert {one.id for one in bench.leftovers()} == before
    assert running.poll() is None


@pytest.fixture
def network(bench):
    """The default bridge may be missing."""
    name = f"verify-test-beside-{secrets.token_hex(4)}"
    made = bench.engine.client.networks.create(name, options=bench.engine.network_options())
    yield made.name
    made.remove()


def test_a_run_in_a_container_beside_the_engine_joins_the_services_network(bench, network, tmp_path):
    """As a CI job does that is given the engine's socket."""
    needs = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["dependencies"]
    (tmp_path / "requirements.txt").write_text("\n".join(needs))
    tag = bench.build_from(tmp_path, name="beside", dockerfile=HERE / "beside" / "Dockerfile")
    output = bench.engine.client.containers.run(
        tag,
        ["python", "-m", "buildkit", "verify", bench.build("good"), "--require-outgoing", "--json"],
        environment={
            "COMPANY": bench.settings.company,
            "PYTHONDONTWRITEBYTECODE": "1",
            "OTEL_SDK_DISABLED": "true",
        },
        network=network,
        remove=True,
        user="root",
        volumes={
            str(ROOT): {"bind": "/src", "mode": "ro"},
            "/var/run/docker.sock": {"bind": "/var/run/docker.sock", "mode": "rw"},
        },
        working_dir="/src",
    )
    document = json.loads(output)
    assert document["passed"] is True
    (service,) = document["services"]
    assert {check["outcome"] for check in service["checks"]} == {"PASS"}
    assert bench.leftovers() == []
