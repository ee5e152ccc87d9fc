"""The built image, services on it, and ways to ask a container: shared by all image tests."""

import dataclasses
import hashlib
import os
import textwrap
from pathlib import Path

import pytest

from buildkit.decisions import naming, versions_file
from buildkit.edges import environment, upstream
from buildkit.edges.children import build_child
from buildkit.edges.engine import Engine
from buildkit.values.errors import BuildkitError
from buildkit.verbs import build
from tests.image.services import FIVE_LINES, FLASK, READY_SECONDS, RUN, Ended, Service
from tests.image.verifying import Bench

# Its image comes from a public registry, which may be out of reach; we remove what we start ourselves.
os.environ["TESTCONTAINERS_RYUK_DISABLED"] = "true"


def pytest_collection_modifyitems(items):
    """Whatever is in this directory needs Docker."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.docker)


@pytest.fixture(scope="session")
def settings():
    return environment.settings()


@pytest.fixture(scope="session")
def versions():
    return versions_file.parse(build.VERSIONS.read_text())


@pytest.fixture(scope="session")
def engine():
    try:
        engine = Engine.connect()
    except BuildkitError as error:
        pytest.fail(str(error))
    yield engine
    engine.close()


@pytest.fixture(scope="session")
def base_image(engine, settings):
    """The name of the image that `make build` made."""
    name = naming.tags(settings, version="unused")[-1]
    if not engine.image_exists(name):
        pytest.fail(f"{name} is not here; run `make build`")
    return name


@pytest.fixture(scope="session")
def below(engine, settings, versions):
    """The image that the base itself was built on."""
    row = versions_file.choose(versions, python=settings.python)
    return upstream.resolve(engine, row, versions=versions, company=settings.company)


@pytest.fixture(scope="session")
def bench(engine, settings, base_image, below):
    """What it takes to let the verifier look at services."""
    bench = Bench(engine, settings, base=base_image, upstream=below)
    yield bench
    bench.clean()


@pytest.fixture(scope="session")
def usrlocal_image(engine, settings, versions):
    """The base image on an upstream of the official images' layout."""
    row = versions_file.choose(versions, python=settings.python)
    below = upstream.resolve(engine, row, versions=versions, company=settings.company)
    stand_in = f"company/test-upstream-usrlocal:{RUN}"
    build_image(engine, Path(__file__).parent / "usrlocal", tag=stand_in, build_args={"UPSTREAM": below})
    made = build.build(
        engine,
        dataclasses.replace(settings, upstream=stand_in, tag=f"test-usrlocal-{RUN}"),
        row=row,
        versions=versions,
    )
    yield made[-1]
    for name in (*made, stand_in):
        engine.client.images.remove(name, force=True)


@pytest.fixture(scope="session", params=["made", "usrlocal"])
def any_layout(request, base_image):
    """The image on either layout of the upstream: /usr/bin/python3 and /usr/local/bin/python3."""
    return base_image if request.param == "made" else request.getfixturevalue("usrlocal_image")


def build_image(engine, context, *, tag, build_args=None):
    from buildkit.decisions.build_command import Build

    return engine.build(
        Build(context=context, tags=(tag,), build_args=build_args or {}), what=f"building {tag}"
    )


@pytest.fixture(scope="session")
def build_service(engine, settings, base_image, tmp_path_factory):
    """Build a service from its files with a Dockerfile of five lines; the same files are built once."""
    made = {}

    def build_it(files, *, dockerfile=FIVE_LINES, base=base_image):
        key = repr((sorted(files.items()), dockerfile, base))
        if key not in made:
            context = tmp_path_factory.mktemp("service")
            for name, text in {**files, "Dockerfile": dockerfile}.items():
                (context / name).parent.mkdir(parents=True, exist_ok=True)
                (context / name).write_text(textwrap.dedent(text).lstrip())
            tag = f"company/test-service:{RUN}-{hashlib.sha256(key.encode()).hexdigest()[:12]}"
            build_child(engine, context, tag=tag, base=base, ca_bundle=settings.ca_bundle)
            made[key] = tag
        return made[key]

    yield build_it
    for tag in made.values():
        engine.client.images.remove(tag, force=True)


@pytest.fixture(scope="session")
def flask_image(build_service):
    return build_service(FLASK)


@pytest.fixture(scope="session")
def network(engine):
    """A network of our own, since the default bridge may be missing, with the host's packet size."""
    network = engine.client.networks.create(f"image-tests-{os.getpid()}", options=engine.network_options())
    yield network
    network.remove()


@pytest.fixture
def run(engine):
    """Run a command in an image to its end, through the image's own entrypoint."""

    def run_it(image, *command, **options):
        options = {"network_mode": "none", **options}
        container = engine.client.containers.create(image, list(command) or None, **options)
        try:
            container.start()
            code = container.wait(timeout=READY_SECONDS)["StatusCode"]
            return Ended(
                code=code,
                out=container.logs(stdout=True, stderr=False).decode(),
                err=container.logs(stdout=False, stderr=True).decode(),
            )
        finally:
            container.remove(force=True)

    return run_it


@pytest.fixture
def start(network):
    """Start a service image and wait until it answers; everything is removed when the test ends."""
    from testcontainers.core.container import DockerContainer

    started = []

    def start_it(image, *command, environment=None, port=8000, ready=True, **options):
        container = DockerContainer(image).with_exposed_ports(port)
        container.with_kwargs(network=network.name, **options)
        for name, value in (environment or {}).items():
            container.with_env(name, value)
        if command:
            container.with_command(list(command))
        started.append(container)
        container.start()
        service = Service(container, port)
        if ready:
            service.wait_until_ready()
        return service

    yield start_it
    for container in reversed(started):
        container.stop()
