import os

import pytest

from buildkit.edges import builders
from buildkit.values.errors import NoBuilder


def docker(directory, *, version, buildx):
    """A docker command that answers as a given version does."""
    directory.mkdir()
    path = directory / "docker"
    answer = 'echo "github.com/docker/buildx 0.13.1"' if buildx else "exit 1"
    path.write_text(
        f'#!/bin/sh\ncase "$*" in\n--version) echo "Docker version {version}, build x";;\n'
        f'"buildx version") {answer};;\n"context show") echo mine;;\nesac\n'
    )
    path.chmod(0o755)
    return path


def test_the_path_is_searched_behind_a_command_that_cannot_build(tmp_path, monkeypatch):
    docker(tmp_path / "new", version="28.2.2", buildx=False)
    old = docker(tmp_path / "old", version="20.10.24+dfsg1", buildx=False)
    monkeypatch.setenv("PATH", os.pathsep.join([str(tmp_path / "new"), str(tmp_path / "old")]), prepend=None)
    assert builders.find().command == (str(old), "build")


def test_buildx_gets_the_name_of_the_current_context(tmp_path, monkeypatch):
    path = docker(tmp_path / "new", version="28.2.2", buildx=True)
    monkeypatch.setenv("PATH", str(tmp_path / "new"))
    assert builders.find().command == (str(path), "buildx", "build", "--builder", "mine", "--load")


def test_no_docker_command_at_all_is_told(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(NoBuilder, match="found no docker command"):
        builders.find()


def farm(directory, *, inspected, version=""):
    """A docker command with buildx, and what it tells of its builders; `gone` is none of them."""
    path = docker(directory, version="28.2.2", buildx=True)
    path.write_text(
        path.read_text().replace(
            "esac",
            f'*" version --format "*) echo "{version}";;\n*gone) echo no builder gone found; exit 1;;\n'
            f'"buildx inspect "*) printf "{inspected}";;\nesac',
        )
    )
    return path


def test_a_named_builder_is_asked_what_it_can_do(tmp_path, monkeypatch):
    farm(tmp_path / "new", inspected="Driver: remote\\nBuildKit version: v0.12.1\\n")
    monkeypatch.setenv("PATH", str(tmp_path / "new"), prepend=os.pathsep)
    found = builders.find("farm")
    assert (found.name, found.named_contexts, found.engine) == ("farm", True, False)
    with pytest.raises(NoBuilder, match="no builder gone found; `docker buildx ls`"):
        builders.find("gone")


def test_a_contexts_engine_is_used_from_within_the_context(tmp_path, monkeypatch):
    path = farm(tmp_path / "new", inspected="Driver: docker\\n", version="26.1.5")
    monkeypatch.setenv("PATH", str(tmp_path / "new"), prepend=os.pathsep)
    found = builders.find("other")
    assert found.command[:5] == (str(path), "--context", "other", "buildx", "build")
    assert (found.named_contexts, found.engine) == (True, True)
