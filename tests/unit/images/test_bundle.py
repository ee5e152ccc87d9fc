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
    (package / "bundle").write_bytes(BUNDLE["index"]({}, magic=b"2.7!"))
    assert set(run(package.parent)[0].values()) == {"SourceFileLoader"}
