"""A registry for all tests of the fleet."""

import itertools
import os
import subprocess
from pathlib import Path

import pytest

from buildkit.decisions.supply.policy import Keys
from buildkit.edges import environment
from buildkit.edges.engine import Engine
from buildkit.edges.registry import Registry
from buildkit.values.errors import BuildkitError
from tests.fleet import tools
from tests.fleet.faults import FaultyRegistry
from tests.fleet.registry import RegistryServer

_numbers = itertools.count(1)


def pytest_collection_modifyitems(items):
    """Whatever is in this directory needs Docker."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.docker)


@pytest.fixture(scope="session")
def settings():
    return environment.settings()


@pytest.fixture(scope="session")
def engine():
    try:
        engine = Engine.connect()
    except BuildkitError as error:
        pytest.fail(str(error))
    yield engine
    engine.close()


@pytest.fixture(scope="session")
def registry_server(engine, settings):
    """The registry that the tests of a run share: no password, deleting allowed, no referrers API."""
    with RegistryServer(engine, settings) as server:
        yield server


@pytest.fixture(scope="session")
def registry_host(registry_server):
    """`127.0.0.1:PORT`."""
    return registry_server.host


@pytest.fixture
def unique():
    """A repository's name that no other test uses."""
    return f"test/repository-{next(_numbers)}"


@pytest.fixture
def faulty(registry_host):
    """A registry in front of the registry, that fails as it is told to (tests/fleet/faults.py)."""
    with FaultyRegistry(registry_host) as faulty:
        yield faulty


@pytest.fixture
def registry(registry_host):
    """A client of it."""
    with Registry.connect(registry_host) as client:
        yield client


@pytest.fixture
def through_faults(faulty):
    """A client that meets the faults."""
    with Registry.connect(faulty.host) as client:
        yield client


@pytest.fixture(scope="session")
def cosign_directory(engine, settings, tmp_path_factory):
    return tools.cosign(engine, settings, directory=tmp_path_factory.mktemp("cosign"))


@pytest.fixture
def keys(cosign_directory, tmp_path, monkeypatch):
    """A new pair of keys, and cosign on PATH."""
    monkeypatch.setenv("PATH", f"{cosign_directory}:{os.environ['PATH']}")
    monkeypatch.setenv("COSIGN_PASSWORD", "not a secret")
    subprocess.run(["cosign", "generate-key-pair"], cwd=tmp_path, check=True, capture_output=True)
    return Keys(private=str(tmp_path / "cosign.key"), public=str(tmp_path / "cosign.pub"))
