"""Where two files must agree, this test says so."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[3]
VERSIONS = tomllib.loads((ROOT / "images" / "versions.toml").read_text())


def test_the_images_requirements_are_pinned_by_hash():
    script = ROOT / "images" / "install" / "requirements.py"
    done = subprocess.run(
        [sys.executable, script, ROOT / "images" / "versions.toml", "pip", "opentelemetry-api"],
        capture_output=True,
        text=True,
        check=True,
    )
    lines = done.stdout.splitlines()
    assert len(lines) == 2
    assert all(re.fullmatch(r"[a-z-]+==[\d.]+ --hash=sha256:[0-9a-f]{64}", line) for line in lines)


def test_the_api_in_the_image_is_the_one_that_the_tests_run_against():
    lock = (ROOT / "requirements.lock").read_text()
    for name in ("opentelemetry-api", "typing-extensions"):
        assert f"{name}=={VERSIONS['wheel'][name]['version']}" in lock
        assert VERSIONS["wheel"][name]["sha256"] in lock


def test_the_base_has_the_projects_version():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    assert project["project"]["version"] == VERSIONS["base"]["version"]


def test_the_collector_is_the_same_wherever_it_is_a_default():
    endpoint = "http://otel-collector:4318"
    for path in (
        "Makefile",
        "Dockerfile",
        "images/rootfs/opt/tracing/defaults.env",
        "buildkit/values/settings.py",
    ):
        assert endpoint in (ROOT / path).read_text(), path
