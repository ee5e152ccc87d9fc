"""A rebased image in the real engine: it runs, on the new base's files and settings, and is traced."""

import dataclasses
import json
import os
import subprocess
import sys

import pytest

from buildkit.decisions import naming
from buildkit.edges import bases, rebasing, services
from buildkit.edges.children import build_child
from buildkit.edges.documents import Documents
from buildkit.edges.registry import Registry
from buildkit.values.oci import Reference
from buildkit.verbs.build import ROOT
from tests.image.verifying import FAILING

OLD, NEW = "1.4.0-r1-py3.13", "1.5.0-r1-py3.13"
BASE = "runs/python-service"
# A release as buildkit makes it, with a file and settings of its own.
RELEASE = """\
FROM company/python-service
USER root
RUN echo {number} > /opt/tracing/release-of-this-test
USER 10001
ENV RELEASED={number} PATH=/opt/venv/bin:/opt/release-{number}/bin:/usr/bin:/bin
LABEL com.company.base.version={number} com.company.base.revision=1 com.company.base.created={created}
"""
SERVICE = """\
FROM company/python-service
COPY served.py .
ENV PATH=/app/bin:$PATH MINE=1
LABEL team=shop
CMD ["python", "served.py"]
"""


@pytest.fixture(scope="module")
def registry(registry_host):
    with Registry.connect(registry_host) as registry:
        yield registry


class Pushing:
    """Builds images and pushes them with the engine; `clean` removes what it made."""

    def __init__(self, engine, settings, *, host):
        self.engine, self.settings, self.host = engine, settings, host
        self.made = set()

    def build(self, dockerfile, *, context, base, repository, tag, directory):
        path = directory / f"{repository.replace('/', '-')}-{tag}.Dockerfile"
        path.write_text(dockerfile)
        name = f"{self.host}/{repository}:{tag}"
        build_child(
            self.engine, context, tag=name, base=base, ca_bundle=self.settings.ca_bundle, dockerfile=path
        )
        self.made.add(name)
        self.push(name)
        return name

    def push(self, name):
        self.made.add(name)
        repository, _, tag = name.rpartition(":")
        for line in self.engine.client.images.push(repository, tag=tag, stream=True, decode=True):
            assert "errorDetail" not in line, line

    def pull(self, name):
        self.made.add(name)
        return self.engine.client.images.pull(name)

    def clean(self):
        for name in self.made:
            self.engine.client.images.remove(name, force=True)


@pytest.fixture(scope="module")
def pushing(engine, settings, registry_host):
    pushing = Pushing(engine, settings, host=registry_host)
    yield pushing
    pushing.clean()


@pytest.fixture(scope="module")
def service(pushing, engine, settings, tmp_path_factory):
    """A service on the older of two releases; its name."""
    upstream = naming.tags(settings, version="unused")[-1]
    if not engine.image_exists(upstream):
        pytest.fail(f"{upstream} is not here; run `make build`")
    directory = tmp_path_factory.mktemp("files")
    releases = {
        version: pushing.build(
            RELEASE.format(number=version.partition("-")[0], created=created),
            context=directory,
            base=upstream,
            repository=BASE,
            tag=version,
            directory=directory,
        )
        for version, created in ((OLD, "2026-01-01T00:00:00Z"), (NEW, "2026-02-10T00:00:00Z"))
    }
    return pushing.build(
        SERVICE,
        context=FAILING,
        base=releases[OLD],
        repository="runs/shop",
        tag="latest",
        directory=directory,
    )


@pytest.fixture(scope="module")
def catalogue(service, registry):
    return bases.read(Documents(registry, directory=None), Reference(registry.host, BASE), company="company")


@pytest.fixture(scope="module")
def rebased(service, registry, catalogue, pushing):
    """The name of the rebased image, pulled."""
    image = Reference(registry.host, "runs/shop", "latest")
    found = rebasing.rebase(registry, image, bases=catalogue)
    assert found.changed
    assert not found.conflicts
    name = str(dataclasses.replace(image, tag="", digest=found.digest))
    pushing.pull(name)
    return name


def shell(engine, image, script):
    return engine.output(image, ["/bin/sh", "-c", script])


def test_it_runs_with_the_new_bases_files(engine, service, rebased):
    assert shell(engine, service, "cat /opt/tracing/release-of-this-test") == "1.4.0\n"
    assert (
        shell(engine, rebased, "cat /opt/tracing/release-of-this-test; ls served.py") == "1.5.0\nserved.py\n"
    )


def test_it_runs_with_the_new_bases_environment_and_its_own(engine, rebased):
    said = shell(engine, rebased, 'echo "$RELEASED $MINE $PATH"')
    assert said == "1.5.0 1 /app/bin:/opt/venv/bin:/opt/release-1.5.0/bin:/usr/bin:/bin\n"


def test_its_labels_say_the_new_base_and_keep_its_own(engine, rebased):
    labels = engine.client.images.get(rebased).labels
    assert (labels["com.company.base.version"], labels["team"]) == ("1.5.0", "shop")


def test_its_history_can_be_read(engine, rebased):
    said = [entry["CreatedBy"] for entry in engine.client.images.get(rebased).history()]
    assert any("served.py" in line for line in said)
    assert [number for number in ("1.4.0", "1.5.0") if any(f"echo {number}" in line for line in said)] == [
        "1.5.0"
    ]


def test_it_is_traced(engine, rebased):
    ran = subprocess.run(
        [sys.executable, "-m", "buildkit", "verify", "--json", "--require-outgoing", rebased],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr


def test_the_command_line_says_what_it_did_and_what_comes_next(registry, service, rebased):
    command = ["rebase", "--base", f"{registry.host}/{BASE}", service]
    ran = subprocess.run(
        [sys.executable, "-m", "buildkit", *command],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ran.stdout.splitlines() == [
        f"pushed: {rebased}",
        f"base: {OLD} -> {NEW}",
        f"no tag was moved; next: python -m buildkit verify {rebased}",
    ]


def test_an_image_that_was_saved_and_loaded_stands_where_it_stood(
    engine, pushing, registry, service, catalogue
):
    """Its layers are compressed by another, and its manifest is another; its contents' digests stay."""
    saved = b"".join(engine.client.images.get(service).save(named=True))
    engine.client.images.remove(service, force=True)
    (loaded,) = engine.client.images.load(saved)
    name = f"{registry.host}/runs/loaded:{os.getpid()}"
    loaded.tag(*name.rsplit(":", 1))
    pushing.push(name)
    at = services.look(
        Documents(registry, directory=None),
        Reference(registry.host, "runs/loaded", str(os.getpid())),
        base=BASE,
    )
    match = catalogue.find(at.images[0].config)
    assert str(match.base.version) == OLD
    assert json.loads(at.images[0].config.raw)["config"]["Labels"]["team"] == "shop"
