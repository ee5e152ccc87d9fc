"""ci/engine.sh on machines where it cannot succeed; that it succeeds, the image tests and .ci/run show."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[3] / "ci" / "engine.sh"
TOOLS = ("sh", "tr", "sed", "awk", "cat", "id", "date", "timeout", "grep", "tail", "head", "sleep", "rm")


@pytest.fixture
def run(tmp_path):
    """Run the script with nothing on PATH but basic tools and the programs given as shell text."""

    def run_with(programs, **environment):
        directory = tmp_path / "bin"
        directory.mkdir()
        for tool in TOOLS:
            (directory / tool).symlink_to(shutil.which(tool))
        for name, text in programs.items():
            (directory / name).unlink(missing_ok=True)
            (directory / name).write_text(f"#!/bin/sh\n{text}\n")
            (directory / name).chmod(0o755)
        return subprocess.run(
            ["sh", SCRIPT],
            env={
                "PATH": str(directory),
                "ENGINE_LOG": str(tmp_path / "log"),
                "ENGINE_PID_FILE": str(tmp_path / "pid"),
                **environment,
            },
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )

    return run_with


ANSWERING = 'case "$*" in version*) echo 20.10.24;; --version) echo "Docker version {cli}";; *) exit 1;; esac'


def test_an_engine_that_answers_is_used_and_nothing_is_said(run):
    done = run({"docker": ANSWERING.format(cli="20.10.24+dfsg1")})
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_without_a_package_manager_the_error_says_what_to_install(run):
    done = run({})
    assert done.returncode == 1
    assert done.stderr.startswith("engine: no Docker Engine answers; install docker.io")
    assert done.stderr.count("\n") == 1


def test_without_root_the_error_says_what_to_install(run):
    done = run({"apt-get": "exit 1", "id": "echo 1000"})
    assert done.returncode == 1
    assert "or run this as root" in done.stderr


def test_a_named_engine_is_not_replaced_by_one_of_ours(run):
    done = run({"docker": "exit 1", "apt-get": "exit 1"}, DOCKER_HOST="tcp://build.example:2376")
    assert done.returncode == 1
    assert "DOCKER_HOST=tcp://build.example:2376" in done.stderr


def test_a_command_that_cannot_build_is_an_error_where_nothing_can_be_installed(run):
    done = run({"docker": ANSWERING.format(cli="28.2.2, build x")})
    assert done.returncode == 1
    assert "buildx" in done.stderr


def test_an_engine_that_dies_at_once_is_told_with_its_last_words(run):
    programs = {
        "docker": "exit 1",
        "dockerd": "echo failed to mount overlay",
        "apt-get": "exit 1",
        "id": "echo 0",
        "setsid": 'exec "$@"',
        "nohup": 'exec "$@"',
    }
    done = run(programs)
    if os.path.isdir("/run/systemd/system"):
        assert "systemctl start docker failed" in done.stderr
    else:
        assert "dockerd stopped: failed to mount overlay" in done.stderr
    assert done.returncode == 1
