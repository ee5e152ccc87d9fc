"""The services of the runtime's tests, and the scene that they run in."""

import os
from pathlib import Path

import pytest

from tests.image.runtime.scene import Scene

SERVICES = Path(__file__).parent / "services"


def files(name, **more):
    """A service's files by their names, and more of them."""
    return {
        path.name: path.read_text() for path in sorted((SERVICES / name).iterdir()) if path.is_file()
    } | more


@pytest.fixture(scope="session")
def scene(network):
    with Scene(network, label=f"runtime-tests-{os.getpid()}") as scene:
        yield scene


@pytest.fixture(scope="session")
def shop(build_service):
    """A Flask service with its odds and ends, by requests, on the image."""
    return build_service(files("shop"))


@pytest.fixture
def launch(scene):
    """Start services that end with the test."""
    started = []

    def launch_it(*args, **options):
        running = scene.start(*args, **options)
        started.append(running)
        return running

    yield launch_it
    for running in reversed(started):
        running.container.stop()
