"""With and without tracing a service is the same to itself and to whoever looks at it."""

import json
import re
import sys

import pytest

from tests.image.runtime.scene import normalized

SERVERS = {
    "gunicorn": ("gunicorn", "-w", "1", "app:app"),
    "gunicorn with threads": ("gunicorn", "-k", "gthread", "-w", "1", "app:app"),
    "werkzeug": ("python", "app.py"),
    "wsgiref": ("python", "bare.py"),
}
OURS = ("tracing_bootstrap", "sitecustomize", "_shadowed_sitecustomize", "_tracing_early")


def foreign(modules):
    """Modules that are neither Python's nor ours, and so could be in a service's way."""
    roots = {name.partition(".")[0] for name in modules}
    return roots - set(OURS) - set(sys.stdlib_module_names)


def assert_same_facts(traced, bare):
    new = set(traced.pop("modules")) - (had := set(bare.pop("modules")))
    assert foreign(new) == set()
    assert had
    # Ours has a version, and so have a few modules of the standard library that we are the first to import.
    brought = {name for name in new if name in traced["versions"]}
    versions = {name: version for name, version in traced.pop("versions").items() if name not in brought}
    assert versions == bare.pop("versions")
    for fact, value in bare.items():
        assert normalized(json.dumps(traced[fact])) == normalized(json.dumps(value)), fact


@pytest.mark.parametrize("server", SERVERS)
def test_a_server_is_the_same_from_within_and_from_without(launch, shop, server):
    def run(*, traced):
        service = launch(shop, *SERVERS[server], traced=traced)
        said = [
            service.get("/echo/1")[1],
            service.get("/call")[1],
            service.status("/broken"),
            service.status("/log"),
        ]
        facts = service.json("/facts")
        return said, facts, service.stop()

    said, facts, stopped = run(traced=True)
    bare_said, bare_facts, bare = run(traced=False)
    assert said == bare_said
    assert_same_facts(facts, bare_facts)
    assert stopped.code == bare.code
    assert lines(stopped.out) == lines(bare.out)
    assert lines(stopped.err) == lines(bare.err)


def lines(text):
    """A log's lines without what every run has its own of, and without the ids that tracing is there to add.

    How often a test asked before the service was ready is no part of what it does, nor how long its facts are. At
    the end gunicorn's processes talk at once; whether SIGTERM hits a worker again that is gone already is chance.
    """
    cleaned = re.sub(r"trace_id=\S+ span_id=\S+", "trace_id= span_id=", normalized(text)).splitlines()
    kept = [line for line in cleaned if not re.search(r'"GET /(facts)? HTTP|was sent SIGTERM', line)]
    end = next(
        (at for at, line in enumerate(kept) if re.search("Handling signal|Worker exiting", line)), None
    )
    return kept[:end] + sorted(kept[end:] if end is not None else [])


@pytest.mark.parametrize("code", ["", "3"])
def test_a_script_is_the_same_on_both_streams_in_its_code_and_from_within(run, scene, shop, code):
    def job(*, traced):
        environment = scene.environment("script", traced=traced, more={"FAIL": code} if code else {})
        return run(shop, "python", "script.py", environment=environment, network_mode=scene.network.name)

    ended, bare = job(traced=True), job(traced=False)
    assert ended.code == bare.code == int(code or 0)
    assert ended.err == bare.err
    (facts, said), (bare_facts, bare_said) = facts_and_rest(ended.out), facts_and_rest(bare.out)
    assert said == bare_said
    assert_same_facts(facts, bare_facts)


def facts_and_rest(out):
    (facts,) = [line for line in out.splitlines() if line.startswith("facts ")]
    rest = [line for line in out.splitlines() if not line.startswith("facts ")]
    return json.loads(facts.removeprefix("facts ")), rest


CRASHES = {
    "an exception": "raise ValueError('no')",
    "an exception in an exception": "try:\n 1 / 0\nexcept ArithmeticError as e:\n raise KeyError('x') from e",
    "a failing request": "import urllib.request; urllib.request.urlopen('http://127.0.0.1:1/', timeout=1)",
    "a failing import": "import http.client, nonesuch",
    "a signal of its own": "import os, signal; os.kill(os.getpid(), signal.SIGTERM)",
    "an interrupt": "import os, signal; os.kill(os.getpid(), signal.SIGINT)",
    "a hard exit": "import os; os._exit(7)",
    "a closed stdout": "import os; os.close(1); import http.client, logging; logging.warning('x')",
    "a closed stderr": "import os; os.close(2); import http.client, logging; print('x')",
}


@pytest.mark.parametrize("crash", CRASHES)
def test_a_crash_looks_as_it_always_did(run, shop, crash):
    ended, bare = (
        run(shop, "python", "-c", CRASHES[crash], environment=environment)
        for environment in ({}, {"OTEL_SDK_DISABLED": "true"})
    )
    assert ended.code == bare.code
    assert ended.out == bare.out
    assert [
        line for line in without_our_frames(ended.err) if not line.startswith("tracing: spans are lost")
    ] == (without_our_frames(bare.err))


def without_our_frames(err):
    """A traceback's lines but those of the functions that we put around http.client's."""
    kept, skipping = [], False
    for line in err.splitlines():
        if line.lstrip().startswith("File "):
            skipping = "tracing_bootstrap" in line
        elif not line.startswith("    "):
            skipping = False
        if not skipping:
            kept.append(re.sub("0x[0-9a-f]+", "0x", line))
    return kept


def test_pip_sees_the_same_packages(run, shop):
    for command in (("pip", "freeze", "--all"), ("pip", "check"), ("pip", "list")):
        ended, bare = (
            run(shop, *command, environment=environment)
            for environment in ({}, {"OTEL_SDK_DISABLED": "true"})
        )
        assert ended == bare
