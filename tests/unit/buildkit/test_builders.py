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
