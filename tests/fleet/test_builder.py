"""Rebuilding services on another machine's BuildKit: `--builder`."""

import pytest

from buildkit.decisions import naming
from buildkit.edges import builders, rebuilding
from buildkit.edges.image_reading import platforms
from buildkit.edges.rebuilding import Site
from buildkit.values.blueprint import Blueprint
from buildkit.values.errors import CommandFailed, NoBuilder, NotInRegistry
from tests.fleet import bases
from tests.fleet.builder_machine import BuilderMachine

DOCKERFILE = """\
FROM docker.io/company/python-service:some AS made
RUN echo made > made.txt
FROM company/python-service
COPY --from=made /app/made.txt .
RUN --mount=type=bind,from=company/python-service:other,target=/base ls /base/opt > below.txt
"""


@pytest.fixture(scope="module")
def base(engine, settings, registry):
    return bases.push(engine, registry, naming.tags(settings, version="unused")[-1])


@pytest.fixture(scope="module")
def machine(engine, settings, registry_host):
    with BuilderMachine(engine, settings, registry_host=registry_host) as machine:
        yield machine


@pytest.fixture
def rebuild(machine, settings, registry, base, unique, tmp_path, monkeypatch):
    monkeypatch.setenv("DOCKER_CONFIG", str(machine.config))

    def rebuild_it(builder, dockerfile=DOCKERFILE):
        (tmp_path / "Dockerfile").write_text(dockerfile)
        blueprint = Blueprint(source=str(tmp_path), service="shop")
        site = Site(builder=builder, ca_bundle=settings.ca_bundle)
        return rebuilding.rebuild(registry, blueprint, base=base, repository=unique, site=site)

    return rebuild_it


@pytest.mark.parametrize("named", [False, True], ids=["edited", "named-contexts"])
def test_a_remote_builder_pushes_by_digest_on_the_exact_base(rebuild, registry, base, monkeypatch, named):
    # Debian's BuildKit does not say its version to a remote client; moby's own says one that knows named contexts.
    monkeypatch.setattr(builders, "has_named_contexts", lambda *_args, **_more: named)
    made = rebuild("farm")
    assert (made.builder, made.platforms) == ("farm", ("linux/amd64",))
    check(registry, made, base=base)


def test_a_docker_contexts_engine_is_a_builder_too(rebuild, registry, base):
    check(registry, rebuild("machine"), base=base)


def check(registry, made, *, base):
    repository = made.reference.repository
    [image] = platforms(registry, repository, made.reference.digest)
    [below] = platforms(registry, base.repository, base.digest)
    depth = len(below.layers)
    assert [layer.digest for layer in image.layers[:depth]] == [layer.digest for layer in below.layers]
    assert image.config.document["history"][-1]["created_by"] == "buildkit: the service's name"
    with pytest.raises(NotInRegistry):  # a repository that never had a tag
        registry.tags(repository)


def test_a_failing_step_of_another_machine_has_its_own_last_words(rebuild):
    with pytest.raises(CommandFailed, match="building shop failed .*the reason"):
        rebuild("farm", "FROM company/python-service\nRUN echo the reason >&2; exit 3\n")


def test_a_builder_that_is_not_there_is_named(rebuild):
    with pytest.raises(NoBuilder, match=r"nowhere.*docker buildx ls"):
        rebuild("nowhere")
