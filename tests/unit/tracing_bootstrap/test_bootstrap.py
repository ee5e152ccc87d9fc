"""The import finder, in processes of their own: what it patches cannot be unpatched."""

import json
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from tracing_bootstrap import bootstrap

ROOT = Path(__file__).parents[3]


def run(code, *args, **environ):
    """Run code in a process that arms as a leg would, and return what it printed as JSON."""
    program = "from tracing_bootstrap import bootstrap\nbootstrap.arm('test')\n" + textwrap.dedent(code)
    done = subprocess.run(
        [sys.executable, "-c", program, *args],
        cwd=ROOT,
        env={
            "PATH": "/usr/bin:/bin",
            "TRACING_BOOTSTRAP_STRICT": "1",
            "OTEL_TRACES_EXPORTER": "none",
            **environ,
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    return json.loads(done.stdout)


def test_arming_imports_nothing_that_gevent_patches():
    imported = run(
        """
        import sys
        names = set(sys.modules)
        import json
        print(json.dumps(sorted(names)))
        """
    )
    patched_by_gevent = {"socket", "ssl", "threading", "select", "selectors", "subprocess", "queue", "signal"}
    assert patched_by_gevent.isdisjoint(imported)
    ours = [name for name in imported if name.startswith("tracing_bootstrap")]
    assert len(ours) <= 5, ours


def test_a_library_is_patched_when_it_is_imported_and_not_before():
    states = run(
        """
        import json
        before = dict(bootstrap.states)
        import http.client
        print(json.dumps([before, bootstrap.states]))
        """
    )
    assert "http.client" not in states[0]
    assert states[1]["http.client"] == "patched"


def test_arming_twice_patches_once():
    counts = run(
        """
        import json, sys
        bootstrap.arm("again")
        print(json.dumps([
            bootstrap.legs, sum(isinstance(finder, bootstrap.Finder) for finder in sys.meta_path),
        ]))
        """
    )
    assert counts == [["test", "again"], 1]


def test_a_patched_module_keeps_its_own_loader():
    names = run(
        """
        import json, http.client, importlib.util
        print(json.dumps([type(http.client.__loader__).__name__, type(http.client.__spec__.loader).__name__]))
        """
    )
    assert names == ["SourceFileLoader", "SourceFileLoader"]


def test_a_patched_module_can_be_reloaded_and_is_patched_again():
    assert run(
        """
        import importlib, json, http.client
        importlib.reload(http.client)
        from tracing_bootstrap.instrumentation.patching import is_replaced
        print(json.dumps(is_replaced(http.client.HTTPConnection.endheaders)))
        """
    )


def test_a_module_that_is_patched_can_be_run_with_m():
    program = """
        import runpy, sys
        from tracing_bootstrap import bootstrap
        bootstrap.arm("test")
        sys.argv = ["handlers"]
        runpy.run_module("wsgiref.handlers", run_name="__main__")
        """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(program)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_a_patch_that_fails_does_not_stop_the_import():
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(
            """
            from tracing_bootstrap import bootstrap
            from tracing_bootstrap.instrumentation.clients import http_client
            def broken(module): raise AttributeError("no such class")
            http_client.patch = broken
            bootstrap.arm("test")
            import http.client
            print(bootstrap.states["http.client"], http.client.HTTPConnection.__name__)
            """
        )],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.stdout == "AttributeError: no such class HTTPConnection\n"
    assert done.stderr.count("\n") == 1
    assert "http.client could not be traced" in done.stderr


def test_an_import_error_of_the_service_is_its_own():
    assert (
        run(
            """
        import json
        try:
            import opentelemetry.no_such_part
        except ImportError as exc:
            print(json.dumps(exc.name))
        """
        )
        == "opentelemetry.no_such_part"
    )


def test_opening_happens_once_and_only_when_a_span_needs_it():
    opened = run(
        """
        import json, http.client
        from tracing_bootstrap.recorder import tracer
        before = tracer.opened() is not None
        tracer.get()
        print(json.dumps([before, tracer.get() is tracer.get()]))
        """
    )
    assert opened == [False, True]


@pytest.mark.parametrize(
    ("command", "tool"),
    [
        (["python", "/opt/venv/bin/pip", "install", "flask"], True),
        (["python", "-m", "pip", "install"], True),
        (["python", "-I", "-m", "pip"], True),
        (["python", "/tmp/x/pip/__pip-runner__.py", "install"], True),
        (["python", "/opt/venv/bin/gunicorn", "pip:app"], False),
        (["python", "-m", "flask", "run"], False),
        (["python", "-c", "import pip"], False),
        (["python", "-m"], False),
        (["python"], False),
    ],
)
def test_a_tool_of_the_build_is_known_by_its_command(command, tool):
    assert bootstrap.is_tool(command) is tool


@pytest.mark.parametrize("said", ["raise ValueError('no')", "import nonesuch", "1 +"])
def test_a_failing_import_of_a_patched_library_has_no_frame_of_ours_in_its_traceback(tmp_path, said):
    (tmp_path / "flask").mkdir()
    (tmp_path / "flask" / "__init__.py").write_text("from flask import app")
    (tmp_path / "flask" / "app.py").write_text(said)
    found = run(
        """
        import json, sys, traceback
        sys.path.insert(0, sys.argv[1])
        try:
            import flask.app
        except (ValueError, ImportError, SyntaxError):
            print(json.dumps(traceback.format_exc()))
        """,
        str(tmp_path),
    )
    assert "flask" in found
    assert "tracing_bootstrap" not in found
    assert "importlib" not in found
