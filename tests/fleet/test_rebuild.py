"""Rebuilding services for real: the engine builds, a registry takes the result."""

import subprocess
import textwrap

import pytest

from buildkit.decisions import naming
from buildkit.edges import rebuilding
from buildkit.edges.image_reading import platforms
from buildkit.edges.rebuilding import Site
from buildkit.edges.registry import Registry
from buildkit.values.blueprint import Blueprint
from buildkit.values.errors import (
    BadDockerfile,
    BadSource,
    CommandFailed,
    NotInRegistry,
    NotOnBase,
    PinnedBase,
)
from tests.fleet import bases

DOCKERFILE = """\
    FROM company/python-service:latest
    COPY . .
    RUN echo built > built.txt
    CMD ["python", "shop.py"]
    """


@pytest.fixture(scope="module")
def registry(registry_host):
    with Registry.connect(registry_host) as registry:
        yield registry


@pytest.fixture(scope="module")
def base(engine, settings, registry):
    image = naming.tags(settings, version="unused")[-1]
    return bases.push(engine, registry, image)


@pytest.fixture(scope="module")
def newer_base(engine, settings, registry, base):
    image = bases.newer(engine, settings, naming.tags(settings, version="unused")[-1], number=2)
    return bases.push(engine, registry, image, tag="2")


@pytest.fixture
def service(tmp_path):
    """Write a service's files; its directory."""

    def write(dockerfile=DOCKERFILE, **files):
        place = tmp_path / "shop"
        place.mkdir(exist_ok=True)
        (place / "Dockerfile").write_text(textwrap.dedent(dockerfile))
        (place / "shop.py").write_text("print('shop')\n")
        for name, text in files.items():
            (place / name).write_text(text)
        return place

    return write


def tags(registry, repository):
    """A registry does not know a repository that never had a tag."""
    try:
        return registry.tags(repository)
    except NotInRegistry:
        return ()


@pytest.fixture
def rebuild(engine, settings, registry, unique):
    """Build a service; `rebuild.repository` is where it goes."""

    def rebuild_it(place, *, base, current="", **more):
        blueprint = Blueprint(source=str(place), service="shop", **more)
        site = Site(engine=engine, ca_bundle=settings.ca_bundle)
        return rebuilding.rebuild(
            registry, blueprint, base=base, repository=unique, site=site, current=current
        )

    rebuild_it.repository = unique
    return rebuild_it


def run(engine, reference, *command):
    """What a command prints in the image, pulled by its digest."""
    image = engine.client.images.pull(f"{reference.name}@{reference.digest}")
    try:
        return engine.output(image.id, command)
    finally:
        engine.client.images.remove(image.id, force=True)


def test_a_service_stands_on_the_exact_base_and_no_tag_is_made(
    engine, registry, newer_base, service, rebuild
):
    place = service()
    before = {path: path.read_bytes() for path in place.iterdir()}
    made = rebuild(place, base=newer_base)
    assert made.changed
    assert tags(registry, rebuild.repository) == ()
    said = run(engine, made.reference, "sh", "-c", "cat /opt/release built.txt /opt/tracing/service-name")
    assert said == "2\nbuilt\nshop\n"
    [image] = platforms(registry, rebuild.repository, made.reference.digest)
    [below] = platforms(registry, newer_base.repository, newer_base.digest)
    assert image.config.diff_ids[: len(below.config.diff_ids)] == below.config.diff_ids
    assert [layer.digest for layer in image.layers[: len(below.layers)]] == [
        one.digest for one in below.layers
    ]
    assert registry.get(rebuild.repository, made.reference.digest).annotations == {
        "org.opencontainers.image.base.name": f"{newer_base.name}:2",
        "org.opencontainers.image.base.digest": newer_base.digest,
    }
    assert {path: path.read_bytes() for path in place.iterdir()} == before
    assert not engine.client.images.list("rebuild")


def test_the_same_content_again_is_the_image_of_before(registry, base, service, rebuild):
    place = service()
    first = rebuild(place, base=base)
    registry.move_tag(rebuild.repository, "latest", to=first.reference.digest, expected=None)
    again = rebuild(place, base=base, current="latest")
    assert (again.changed, again.reference.digest) == (False, first.reference.digest)
    (place / "shop.py").write_text("print('another')\n")
    other = rebuild(place, base=base, current="latest")
    assert (other.changed, other.reference.digest == first.reference.digest) == (True, False)


def test_stages_variables_and_copies_from_the_base_all_mean_the_exact_base(
    engine, base, newer_base, service, rebuild
):
    place = service("""\
        ARG REPOSITORY=docker.io/company/python-service
        ARG TAG=none-such
        FROM debian:none-such AS unused
        FROM ${REPOSITORY}:${TAG} AS deps
        RUN echo deps > deps.txt
        FROM deps AS app
        COPY --from=company/python-service:1 /opt/release copied.txt
        FROM scratch AS test
        """)
    made = rebuild(place, base=newer_base, target="app", build_args={"TAG": "9"})
    assert run(engine, made.reference, "cat", "deps.txt", "copied.txt", "/opt/release") == "deps\n2\n2\n"


def test_a_git_source_leaves_its_commit_in_the_image(registry, base, service, rebuild):
    place = service()
    git = ("git", "-C", place, "-c", "user.name=a", "-c", "user.email=a@b")
    for words in (("init", "-q"), ("add", "."), ("commit", "-qm", "first")):
        subprocess.run((*git, *words), check=True)
    made = rebuild(f"file://{place}", base=base)
    facts = registry.get(rebuild.repository, made.reference.digest).annotations
    assert facts["org.opencontainers.image.revision"] == made.commit
    assert facts["org.opencontainers.image.source"] == f"file://{place}"


def test_a_pinned_base_is_moved_only_when_asked(base, newer_base, service, rebuild):
    place = service(f"FROM {base.name}@{base.digest}\nCOPY . .\n")
    with pytest.raises(PinnedBase, match=r'pins the base to sha256:.*line 1.*pinned = "move"'):
        rebuild(place, base=newer_base)
    made = rebuild(place, base=newer_base, move_pinned=True)
    assert made.replaced_pin == base.digest
    assert made.base == newer_base


@pytest.mark.parametrize(
    ("last", "refusal"),
    [
        ("RUN echo the reason >&2; exit 3\n", (CommandFailed, "building shop failed .*the reason")),
        ("FROM debian:12\nCOPY . .\n", (NotOnBase, "not on the base: .* is FROM debian:12")),
        ("COYP . .\n", (BadDockerfile, "Dockerfile of .*: line 2: there is no instruction COYP")),
    ],
)
def test_what_cannot_be_rebuilt_is_told_in_one_line(base, service, rebuild, last, refusal):
    error, said = refusal
    with pytest.raises(error, match=said) as caught:
        rebuild(service(f"FROM company/python-service\n{last}"), base=base)
    assert "\n" not in str(caught.value)


def test_a_source_without_a_dockerfile_is_told(base, service, rebuild):
    with pytest.raises(BadSource, match="cannot read app/Dockerfile of"):
        rebuild(service(), base=base, dockerfile="app/Dockerfile")
