"""The bundle of the runtime's modules that the image's build writes."""

import json
import runpy
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
BUNDLE = runpy.run_path(str(ROOT / "images" / "install" / "bundle.py"))
WRITE = BUNDLE["write"]

IMPORTS_ALL = """
import json, pkgutil, sys
import tracing_bootstrap
from tracing_bootstrap import bootstrap
bootstrap.arm("test")
import http.client, logging, wsgiref.handlers
from tracing_bootstrap.recorder import tracer
from tracing_bootstrap.doctor import text
tracer.get()
ours = {name: module for name, module in sys.modules.items() if name.startswith("tracing_bootstrap.")}
print(json.dumps([
    {name: type(module.__spec__.loader).__name__ for name, module in ours.items()},
    {name: module.__file__ for name, module in ours.items()},
    bootstrap.states,
]))
"""


@pytest.fixture
def package(tmp_path):
    package = tmp_path / "tracing_bootstrap"
    shutil.copytree(ROOT / "tracing_bootstrap", package, ignore=shutil.ignore_patterns("__pycache__"))
    return package


def run(directory):
    done = subprocess.run(
        [sys.executable, "-c", IMPORTS_ALL],
        cwd=directory,
        env={"PATH": "/usr/bin:/bin", "TRACING_BOOTSTRAP_STRICT": "1", "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    return json.loads(done.stdout)


def test_modules_come_from_the_bundle_with_their_own_files_and_the_doctor_from_its_file(package):
    WRITE(package, shown=package)
    loaders, files, states = run(package.parent)
    assert set(states.values()) == {"patched"}
    from_files = [name for name, loader in loaders.items() if loader != "Bundle"]
    assert from_files
    assert all(name.startswith("tracing_bootstrap.doctor") for name in from_files)
    assert len(loaders) > 20
    assert all(Path(file).is_relative_to(package) and Path(file).exists() for file in files.values())


@pytest.mark.parametrize("content", [None, b"", b"garbage", b"\x00" * 100])
def test_without_a_usable_bundle_the_files_are_used(package, content):
    if content is not None:
        (package / "bundle").write_bytes(content)
    loaders, _, states = run(package.parent)
    assert set(loaders.values()) == {"SourceFileLoader"}
    assert set(states.values()) == {"patched"}


def test_another_python_s_bundle_is_not_used(package):
    WRITE(package, shown=package)
    (package / "bundle").write_bytes(BUNDLE["index"]("", {}, magic=b"2.7!"))
    assert set(run(package.parent)[0].values()) == {"SourceFileLoader"}


IN_MANY_THREADS = """
import sys, threading
sys.setswitchinterval(1e-6)
import tracing_bootstrap
names = [name for name in tracing_bootstrap.bundle._modules if ".recorder." in name or ".settings" in name]
start, wrong = threading.Barrier(8), []
def work(number):
    start.wait()
    for name in names[number % 3 :: 3] + names:
        try:
            __import__(name)
        except BaseException as error:
            wrong.append(f"{name}: {error!r}")
threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
[thread.start() for thread in threads]
[thread.join() for thread in threads]
from tracing_bootstrap.recorder import context, ending, tracer
import tracing_bootstrap.settings
assert tracer.current is context.current
assert ending.tracer is tracer is sys.modules["tracing_bootstrap.recorder.tracer"]
assert tracing_bootstrap.settings.parse is sys.modules["tracing_bootstrap.settings.parse"]
assert not wrong, wrong
"""


def test_threads_that_load_the_same_modules_at_once_get_the_same_ones_whole(package):
    WRITE(package, shown=package)
    for _ in range(5):
        done = subprocess.run(
            [sys.executable, "-c", IN_MANY_THREADS],
            cwd=package.parent,
            capture_output=True,
            text=True,
            check=False,
        )
        assert (done.returncode, done.stderr) == (0, "")


def test_a_module_that_another_thread_loaded_since_it_was_looked_for_is_not_loaded_again(package):
    WRITE(package, shown=package)
    program = (
        "import importlib.util, sys, tracing_bootstrap;"
        "spec = tracing_bootstrap.bundle.find_spec('tracing_bootstrap.recorder.context');"
        "late = importlib.util.module_from_spec(spec);"
        "from tracing_bootstrap.recorder import context;"
        "sys.modules[spec.name] = late; spec.loader.exec_module(late);"
        "print(sys.modules[spec.name] is context, vars(late).get('current'))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=package.parent, capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == ["True", "None"]


@pytest.mark.parametrize("name", ["settings", "settings.parse", "recorder.tracer", "instrumentation.servers"])
def test_a_module_looks_as_if_the_import_system_had_loaded_it(package, name):
    shows = (
        f"import tracing_bootstrap.{name} as m; import json, importlib; print(json.dumps([m.__name__, m.__package__,"
        "m.__file__, m.__spec__.name, m.__spec__.origin, m.__spec__.parent, getattr(m, '__path__', None),"
        "importlib.reload(m) is m]))"
    )
    seen = []
    for write in (False, True):
        if write:
            WRITE(package, shown=package)
        done = subprocess.run(
            [sys.executable, "-c", shows], cwd=package.parent, capture_output=True, text=True, check=True
        )
        seen.append(json.loads(done.stdout))
    assert seen[0] == seen[1]


def test_annotations_and_what_is_for_type_checkers_are_left_out(package):
    WRITE(package, shown=package)
    program = (
        "from tracing_bootstrap.recorder import tracer as t;"
        "print(t.get.__annotations__, hasattr(t, 'annotations'))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=package.parent, capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == ["{}", "False"]
    assert (package / "bundle").stat().st_size > 100_000


def test_modules_that_import_each_other_are_refused(package):
    (package / "propagation" / "b3.py").write_text("from tracing_bootstrap.propagation import jaeger\n")
    (package / "propagation" / "jaeger.py").write_text("from tracing_bootstrap.propagation import b3\n")
    with pytest.raises(SystemExit, match=r"propagation\.(b3|jaeger) needs itself"):
        WRITE(package, shown=package)
