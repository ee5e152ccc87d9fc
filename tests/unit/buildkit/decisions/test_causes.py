import dataclasses

import pytest

from buildkit.decisions.causes import causes, cuts
from buildkit.values.service import Inside, Process, Standing
from tests.unit.buildkit.evidence import good

PYTHON = "/usr/bin/python3.13"


def silent(*, environment=None, processes=(), interpreter="", doctor=None, **changes):
    whole = good(spans=(), **changes)
    image = dataclasses.replace(whole.image, environment=environment or {})
    return dataclasses.replace(whole, image=image, inside=Inside(tuple(processes), (), interpreter, doctor))


def whys(evidence):
    return [cause.why for cause in causes(evidence)]


def test_not_on_the_base_is_the_only_cause():
    evidence = silent(environment={"OTEL_SDK_DISABLED": "true"}, standing=Standing(False, "others"))
    (cause,) = causes(evidence)
    assert cause.why == "not built on the base: others"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("OTEL_SDK_DISABLED", "true"),
        ("OTEL_SDK_DISABLED", "True"),
        ("OTEL_TRACES_EXPORTER", "none"),
        ("OTEL_TRACES_SAMPLER", "always_off"),
    ],
)
def test_a_switch_in_the_images_env_is_named(name, value):
    (cause,) = causes(silent(environment={name: value}))
    assert f"the image's ENV says {name}={value}" in cause.why
    assert name in cause.hint


def test_a_switch_set_by_a_start_script_is_found_in_the_process():
    process = Process(9, PYTHON, ("python", "app.py"), {"OTEL_SDK_DISABLED": "true"})
    (cause,) = causes(silent(processes=[process]))
    assert "process 9 (python app.py) says OTEL_SDK_DISABLED=true" in cause.why


def test_a_switch_that_is_off_is_no_cause():
    assert "not switched off" in whys(silent(environment={"OTEL_SDK_DISABLED": "false"}))[0]


@pytest.mark.parametrize(
    "arguments",
    [("python", "-S", "app.py"), ("python3", "-uS", "-m", "app"), ("python", "-X", "dev", "-S", "app.py")],
)
def test_python_without_site_is_a_bypass(arguments):
    (cause,) = causes(silent(processes=[Process(7, PYTHON, arguments)]))
    assert "bypassed" in cause.why
    assert "-S" in cause.why


@pytest.mark.parametrize(
    "arguments",
    [
        ("python", "app.py", "-S"),
        ("python", "-m", "app", "-S"),
        ("python", "-c", "x", "-S"),
        ("python", "-X", "S"),
    ],
)
def test_an_s_of_the_services_own_is_no_bypass(arguments):
    assert "bypassed" not in whys(silent(processes=[Process(7, PYTHON, arguments)]))[0]


def test_a_shell_with_minus_s_is_no_bypass():
    assert "bypassed" not in whys(silent(processes=[Process(7, "/bin/sh", ("sh", "-S"))]))[0]


def test_another_interpreter_is_a_bypass():
    process = Process(7, "/opt/other/bin/python3.12", ("python", "app.py"))
    (cause,) = causes(silent(processes=[process], interpreter=PYTHON))
    assert "another interpreter, /opt/other/bin/python3.12" in cause.why
    assert PYTHON in cause.hint


def test_the_bases_own_interpreter_is_none():
    process = Process(7, PYTHON, ("python", "app.py"))
    assert "interpreter" not in whys(silent(processes=[process], interpreter=PYTHON))[0]
    assert "interpreter" not in whys(silent(processes=[process], interpreter=""))[0]


def test_a_collector_out_of_reach_is_a_cause():
    target = {"url": "http://x:1/v1/traces", "sends": True, "answers": False, "detail": "timed out"}
    (cause,) = causes(silent(doctor={"collector": target, "problems": ["http://x:1 timed out"]}))
    assert "http://x:1/v1/traces cannot be reached from the container: timed out" in cause.why
    assert "firewall" in cause.hint


def test_what_the_doctor_says_is_passed_on():
    (cause,) = causes(silent(doctor={"problems": ["flask 0.9 is not patched: too old"]}))
    assert cause.why == "the doctor says: flask 0.9 is not patched: too old"


def test_what_we_see_ourselves_comes_before_the_doctor():
    doctor = {"problems": ["tracing is off by OTEL_SDK_DISABLED: unset it"]}
    (cause,) = causes(silent(environment={"OTEL_SDK_DISABLED": "true"}, doctor=doctor))
    assert "the image's ENV" in cause.why


@pytest.mark.parametrize(
    "doctor", [{}, {"collector": None, "problems": None}, {"collector": {"sends": False}}]
)
def test_a_doctor_of_another_version_is_no_trouble(doctor):
    (cause,) = causes(silent(doctor=doctor))
    assert "not switched off" in cause.why


def test_a_switch_in_env_is_not_told_again_for_each_process():
    off = {"OTEL_SDK_DISABLED": "true"}
    processes = [Process(pid, PYTHON, ("python", "app.py"), off) for pid in (1, 7)]
    (cause,) = causes(silent(environment=off, processes=processes))
    assert "the image's ENV" in cause.why


def test_what_tracing_says_of_itself_comes_first():
    log = "hello\ntracing: the tracer could not be opened: OSError\ntracing: later\n"
    first, second = causes(silent(environment={"OTEL_SDK_DISABLED": "true"}, log=log))
    assert first.why == "it says so itself: tracing: the tracer could not be opened: OSError"
    assert "OTEL_SDK_DISABLED" in second.why


def test_no_known_cause_still_gives_one_and_what_to_do():
    (cause,) = causes(silent())
    assert cause.why
    assert "python -m tracing_bootstrap" in cause.hint


def test_a_sampler_that_keeps_no_trace_is_a_switch():
    off = {"OTEL_TRACES_SAMPLER": "traceidratio", "OTEL_TRACES_SAMPLER_ARG": "0.0"}
    (cause,) = causes(silent(environment=off))
    assert "an argument of 0.0" in cause.why
    assert "not switched off" in whys(silent(environment=off | {"OTEL_TRACES_SAMPLER_ARG": "0.1"}))[0]


def test_another_standard_library_is_a_bypass():
    process = Process(7, PYTHON, ("python", "app.py"), {"PYTHONHOME": "/opt/conda"})
    (cause,) = causes(silent(processes=[process], interpreter=PYTHON))
    assert "PYTHONHOME=/opt/conda" in cause.why


def test_what_the_doctor_says_is_left_out_comes_where_nothing_is_wrong():
    limit = "no server is installed that is known to be traced: gunicorn"
    (cause,) = causes(silent(doctor={"problems": [], "limits": [limit]}))
    assert limit in cause.why


def test_a_service_that_is_no_python_program_is_told():
    tini = Process(1, "/usr/bin/tini", ("tini", "--", "/app/server"))
    (cause,) = causes(silent(processes=[tini, Process(7, "/app/server", ("/app/server",))]))
    assert "no process runs Python as a program of its own: /app/server" in cause.why
    assert "not switched off" in whys(silent(processes=[tini, Process(7, PYTHON, ("python", "app.py"))]))[0]


def test_the_server_that_calls_no_traced_layer_is_named():
    process = Process(7, PYTHON, ("python", "-m", "homegrown"))
    assert "(`python -m homegrown`)" in whys(silent(processes=[process]))[0]


@pytest.mark.parametrize(
    ("name", "value", "cut"),
    [
        ("OTEL_PROPAGATORS", "none", True),
        ("OTEL_PROPAGATORS", "b3", True),
        ("OTEL_PROPAGATORS", "baggage", True),
        ("OTEL_PROPAGATORS", "b3, TraceContext", False),
        ("OTEL_PROPAGATORS", "", False),
        ("TRACING_BOOTSTRAP_EDGE", "True", True),
        ("TRACING_BOOTSTRAP_EDGE", "false", False),
    ],
)
def test_settings_that_cut_traces_are_named_wherever_they_stand(name, value, cut):
    process = Process(9, PYTHON, ("python", "app.py"), {name: value})
    for evidence in (silent(environment={name: value}), silent(processes=[process])):
        found = cuts(evidence)
        assert bool(found) is cut
        assert all(name in cause.why for cause in found)
