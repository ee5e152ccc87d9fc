import json
import os
import subprocess
import sys

import pytest

from tests.unit.tracing_bootstrap.sink import Sink, refusing_url
from tracing_bootstrap import doctor
from tracing_bootstrap.doctor import collector, text

ARMED = (
    "import sys; from tracing_bootstrap import bootstrap; bootstrap.arm('sitecustomize');"
    "from tracing_bootstrap.__main__ import main; sys.exit(main(sys.argv[1:]))"
)


def run(*arguments, armed=True, **environ):
    environ = {"PATH": os.environ["PATH"], "PYTHONPATH": os.getcwd(), **environ}
    command = [sys.executable, *(("-c", ARMED) if armed else ("-m", "tracing_bootstrap")), *arguments]
    return subprocess.run(command, env=environ, capture_output=True, text=True, check=False, timeout=60)


def examined(**environ):
    result = run("--json", **environ)
    return result.returncode, json.loads(result.stdout)


def test_a_traced_process_whose_collector_answers_is_healthy():
    with Sink() as sink:
        code, facts = examined(OTEL_EXPORTER_OTLP_ENDPOINT=sink.url, OTEL_SERVICE_NAME="shop")
        assert facts["problems"] == []
        assert (code, facts["healthy"]) == (0, True)
        assert facts["legs"] == ["sitecustomize"]
        assert {row["module"]: row["state"] for row in facts["patches"]}["flask.app"] == "patched"
        assert facts["resource"]["service.name"] == "shop"
        assert facts["collector"]["answers"]
        (request,) = sink.requests
        assert (request.path, request.body) == ("/v1/traces", b"")


def test_the_text_says_the_same_and_the_verdict_last():
    with Sink() as sink:
        result = run(OTEL_EXPORTER_OTLP_ENDPOINT=sink.url)
        assert result.returncode == 0
        lines = result.stdout.splitlines()
        assert lines[-1] == "Healthy: this process is traced, and its spans arrive."
        assert any(line.split() == ["armed", "by", "sitecustomize"] for line in lines)
        assert any("OTEL_EXPORTER_OTLP_ENDPOINT" in line and line.endswith("environment") for line in lines)
        assert not any(line != line.rstrip() for line in lines)


def test_a_collector_that_does_not_answer_is_a_problem():
    url = refusing_url()
    code, facts = examined(OTEL_EXPORTER_OTLP_ENDPOINT=url)
    assert code == 1
    (problem,) = facts["problems"]
    assert problem.startswith(f"{url}/v1/traces cannot be reached")


@pytest.mark.parametrize(
    ("answer", "hint"),
    [
        ((404, {}, b""), "check the path"),
        ((401, {}, b""), "OTEL_EXPORTER_OTLP_HEADERS"),
        ((503, {}, b""), "check OTEL_EXPORTER_OTLP_ENDPOINT"),
    ],
)
def test_a_collector_that_refuses_is_a_problem_with_a_hint(answer, hint):
    with Sink(answer) as sink:
        code, facts = examined(OTEL_EXPORTER_OTLP_ENDPOINT=sink.url)
        assert code == 1
        assert f"answered {answer[0]}" in facts["problems"][0]
        assert hint in facts["problems"][0]


def test_the_port_of_grpc_is_recognized():
    assert "4318" in collector._hint("unreachable", "http://collector:4317/v1/traces")


def test_tracing_that_is_off_is_a_problem_that_names_the_switch():
    code, facts = examined(OTEL_SDK_DISABLED="true")
    assert code == 1
    assert facts["problems"] == ["tracing is off by environment OTEL_SDK_DISABLED: unset it"]
    assert not facts["collector"]["sends"]


def test_a_process_that_no_leg_armed_is_not_traced():
    with Sink() as sink:
        result = run(armed=False, OTEL_EXPORTER_OTLP_ENDPOINT=sink.url)
        assert result.returncode == 1
        assert "no leg fired" in result.stdout.splitlines()[-1]


def test_a_setting_that_does_not_parse_is_a_problem():
    with Sink() as sink:
        code, facts = examined(OTEL_EXPORTER_OTLP_ENDPOINT=sink.url, OTEL_TRACES_SAMPLER="often")
        assert code == 1
        assert facts["problems"][0].startswith("setting OTEL_TRACES_SAMPLER 'often' is not supported")


def test_a_service_that_sends_nothing_on_purpose_is_healthy():
    code, facts = examined(OTEL_TRACES_EXPORTER="none")
    assert (code, facts["problems"]) == (0, [])


def test_secrets_are_not_shown():
    with Sink() as sink:
        environ = {
            "OTEL_EXPORTER_OTLP_ENDPOINT": sink.url.replace("//", "//user:hunter2@"),
            "OTEL_EXPORTER_OTLP_HEADERS": "authorization=hunter2",
        }
        for arguments in ((), ("--json",)):
            result = run(*arguments, **environ)
            assert result.returncode == 0
            assert "hunter2" not in result.stdout + result.stderr
        assert sink.requests[0].headers["authorization"] == "hunter2"


def test_a_library_that_was_not_patched_is_a_problem_with_its_reason():
    facts = {
        "disabled_by": None,
        "legs": ["pth"],
        "patches": [
            {
                "module": "flask.app",
                "version": "9.9",
                "state": "not patched",
                "reason": "KeyError: 'wsgi_app'",
            },
            {"module": "gunicorn.http.wsgi", "version": "", "state": "not installed", "reason": ""},
        ],
        "warnings": [],
        "collector": {"sends": False, "answers": False},
    }
    assert doctor.problems(facts) == ["flask.app 9.9 is not patched: KeyError: 'wsgi_app'"]


def test_python_without_its_site_module_is_told_apart_from_another_python():
    interpreter = {"executable": "/usr/bin/other", "without_site": False}
    assert "/usr/bin/other" in doctor._why_unarmed(interpreter)
    assert "-S" in doctor._why_unarmed(interpreter | {"without_site": True})


def test_a_wrong_command_line_is_told_from_an_unhealthy_process():
    result = run("--yaml")
    assert (result.returncode, result.stdout) == (2, "")
    assert "--yaml" in result.stderr
    assert run("--help").returncode == 0


def test_columns_are_aligned_and_empty_sections_left_out():
    assert list(text._aligned([("a", "bb", "c"), ("aaa", "b", "")])) == ["  a    bb  c", "  aaa  b"]


def test_a_sitecustomize_in_our_place_is_named(tmp_path):
    (tmp_path / "sitecustomize.py").write_text("")
    with Sink() as sink:
        result = run(
            "--json",
            armed=False,
            PYTHONPATH=f"{tmp_path}:{os.getcwd()}",
            OTEL_EXPORTER_OTLP_ENDPOINT=sink.url,
        )
    (problem,) = json.loads(result.stdout)["problems"]
    assert f"{tmp_path}/sitecustomize.py ran in our sitecustomize's place" in problem


def test_what_is_left_out_on_purpose_is_told_and_no_problem():
    with Sink() as sink:
        result = run(
            OTEL_EXPORTER_OTLP_ENDPOINT=sink.url, OTEL_PROPAGATORS="b3", TRACING_BOOTSTRAP_EDGE="true"
        )
    assert result.returncode == 0
    lines = result.stdout.splitlines()
    assert lines[-1] == "Healthy: this process is traced, as far as that."
    assert "  - b3 carries traces on, and not W3C's traceparent: OTEL_PROPAGATORS leaves it out" in lines
    assert (
        "  - incoming traces are linked and not joined: TRACING_BOOTSTRAP_EDGE is true (environment)" in lines
    )


def test_a_name_that_the_command_does_not_change_is_shown():
    assert examined(K_SERVICE="shop")[1]["resource"]["service.name"] == "shop"
    shown = examined()[1]["resource"]["service.name"]
    assert shown.startswith("(after the command that runs the service")
    assert "set OTEL_SERVICE_NAME" in shown
