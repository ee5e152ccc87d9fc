"""A registry for all tests of the fleet."""

import itertools
from pathlib import Path

import pytest

from buildkit.edges import environment
from buildkit.edges.engine import Engine
from buildkit.edges.registry import Registry
from buildkit.values.errors import BuildkitError
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
