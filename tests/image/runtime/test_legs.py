"""However Python is started, tracing is there: in any venv, under -I and -E, beside other sitecustomizes."""

import json

import pytest

from buildkit.values.span import Kind

JOB = """\
import json, os, sys, urllib.request
urllib.request.urlopen(os.environ["PEER_URL"] + "/called", timeout=5).close()
legs = sys.modules["tracing_bootstrap.bootstrap"].legs if "tracing_bootstrap.bootstrap" in sys.modules else []
ours = [name for name in sys.modules if name.partition(".")[0] in ("tracing_bootstrap", "opentelemetry")]
print("\\n" + json.dumps({"prefix": sys.prefix, "legs": legs, "ours": ours, "isolated": sys.flags.isolated}))
"""
SAYS = "sitecustomize of the service"
WRITE = f"""printf 'print("{SAYS}")\\n' > """
IN_VENV = "$(echo $VIRTUAL_ENV/lib/python3*/site-packages)/sitecustomize.py"
STARTS = {
    "the image's venv": "python job.py",
    "the base's own interpreter": "$(realpath $(command -v python)) job.py",
    "a venv of its own": "python -m venv --without-pip /tmp/v && /tmp/v/bin/python job.py",
    "a venv of its own that sees the base's packages": (
        "python -m venv --without-pip --system-site-packages /tmp/v && /tmp/v/bin/python job.py"
    ),
    "PYTHONPATH replaced": "PYTHONPATH=/nonesuch python job.py",
    "-I": "python -I job.py",
    "-E": "python -E job.py",
    "-s -B -O": "python -s -B -O job.py",
    "-c": 'python -c "$(cat job.py)"',
    "-m": "python -m job",
    "a sitecustomize on PYTHONPATH": (
        f"mkdir /tmp/own && {WRITE} /tmp/own/sitecustomize.py && PYTHONPATH=/tmp/own python job.py"
    ),
    "a venv of its own, and a sitecustomize on PYTHONPATH": (
        f"python -m venv --without-pip /tmp/v && mkdir /tmp/own && {WRITE} /tmp/own/sitecustomize.py"
        " && PYTHONPATH=/tmp/own /tmp/v/bin/python job.py"
    ),
    "a sitecustomize in the venv": (f"{WRITE} {IN_VENV} && python job.py"),
}
BOTH_RUN = {start for start in STARTS if "a sitecustomize" in start}


@pytest.fixture
def job(scene, run):
    """Run the job by a shell line; what it found, what it wrote on both streams, its spans."""

    def run_it(image, line, **environment):
        source = f"job-{len(scene.store.spans())}-{abs(hash((image, line)))}"
        given = scene.environment(source, more={"JOB": JOB, **environment})
        script = f'cd /tmp && printf %s "$JOB" > job.py && {line}'
        ended = run(image, "sh", "-c", script, environment=given, network_mode=scene.network.name)
        assert ended.code == 0, ended.err
        spans = [span for span in scene.store.spans() if span.source == source]
        return json.loads(ended.out.splitlines()[-1]), ended, spans

    return run_it


@pytest.mark.parametrize("start", STARTS)
def test_a_job_is_traced_however_python_is_started(job, any_layout, start):
    found, ended, (span,) = job(any_layout, STARTS[start])
    assert span.kind == Kind.CLIENT
    assert ended.err == ""
    assert ended.out.count(SAYS) == (1 if start in BOTH_RUN else 0)
    assert found["legs"]
    if "venv of its own" in start:
        assert found["prefix"] == "/tmp/v"


def test_the_first_leg_is_the_standard_librarys_and_the_second_stands_by(job, any_layout):
    found, _, _ = job(any_layout, STARTS["the image's venv"])
    # `site` runs the .pth files first, those of a venv twice, and the sitecustomize after them.
    assert list(dict.fromkeys(found["legs"])) == ["pth", "sitecustomize"]
    found, _, _ = job(any_layout, STARTS["a venv of its own"])
    assert found["legs"] == ["sitecustomize"]
    found, _, _ = job(any_layout, STARTS["a sitecustomize on PYTHONPATH"])
    assert set(found["legs"]) == {"pth", "early"}
    found, _, _ = job(any_layout, STARTS["a venv of its own, and a sitecustomize on PYTHONPATH"])
    assert found["legs"] == ["early"]


@pytest.mark.parametrize("value", ["true", "TRUE", " true "])
def test_switched_off_nothing_of_it_is_imported_anywhere(job, any_layout, value):
    for start in ("the image's venv", "a venv of its own", "-E"):
        found, ended, spans = job(any_layout, STARTS[start], OTEL_SDK_DISABLED=value)
        assert (found["ours"], spans, ended.err) == ([], [], "")


def test_a_sitecustomize_of_the_service_runs_as_well_when_switched_off(job, any_layout):
    _, ended, _ = job(any_layout, STARTS["a sitecustomize in the venv"], OTEL_SDK_DISABLED="true")
    assert ended.out.count(SAYS) == 1


def test_a_sitecustomize_that_raises_does_so_as_it_always_did(job, base_image):
    line = f"printf 'raise ValueError(7)\\n' > {IN_VENV}; python job.py"
    _, traced, _ = job(base_image, line)
    assert "ValueError: 7" in traced.err
    assert "tracing:" not in traced.err


def test_a_child_process_is_traced_too(job, base_image):
    _, _, spans = job(base_image, """python -c 'import subprocess; subprocess.run(["python", "job.py"])'""")
    assert len(spans) == 1
