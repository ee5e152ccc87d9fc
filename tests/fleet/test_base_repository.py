"""A base of several platforms in a real registry: one index, read back platform by platform."""

import datetime as dt

import pytest

from buildkit.decisions import base_version
from buildkit.edges import base_tags, pushing
from buildkit.edges.base_repository import BaseRepository
from buildkit.values.errors import TagMoved
from buildkit.values.oci import OCI_INDEX, OCI_MANIFEST, Descriptor, Platform
from tests.fleet import images

AMD64, ARM64 = Platform("linux", "amd64"), Platform("linux", "arm64")
VERSION = base_version.parse("1.4.0-r2-py3.13")


def settings(revision="2", created="2026-11-22T12:00:00Z"):
    facts = {"version": "1.4.0", "revision": revision, "python": "3.13", "created": created}
    return {"Labels": {f"com.acme.base.{name}": value for name, value in facts.items()}}


@pytest.fixture
def base(registry, unique):
    return BaseRepository(registry, name=unique, company="acme")


def pushed(base, *, architecture, **labels):
    image = images.push(
        base.registry,
        base.name,
        {"machine": architecture.encode()},
        architecture=architecture,
        settings=settings(**labels),
    )
    size = len(base.registry.get(base.name, image.digest).raw)
    return Descriptor(OCI_MANIFEST, image.digest, size, platform=Platform("linux", architecture))


def index(base, *manifests):
    return pushing.push_index(
        manifests, registry=base.registry, repository=base.name, annotations={"org.example.of": "both"}
    )


def test_a_repository_that_is_not_there_has_no_releases(base):
    assert base.versions() == ()
    assert base.rolling(("latest",)) == {}


def test_two_platforms_are_one_release(base):
    amd64, arm64 = pushed(base, architecture="amd64"), pushed(base, architecture="arm64")
    target = index(base, arm64, amd64)
    assert target.media_type == OCI_INDEX
    # Whichever was ready first, the index is the same.
    assert index(base, amd64, arm64).digest == target.digest
    assert base.versions() == ()

    base_tags.give_immutable(base, VERSION, target)
    assert base.versions() == (VERSION,)
    found = base.release(VERSION)
    assert found.target.digest == target.digest
    assert set(found.images) == {AMD64, ARM64}
    assert found.images[ARM64].platform == ARM64
    assert found.released == dt.datetime(2026, 11, 22, 12, tzinfo=dt.UTC)
    layers = {diff_id for config in found.images.values() for diff_id in config.diff_ids}
    assert set(found.layers) == layers
    assert base.registry.get(base.name, target.digest).annotations == {"org.example.of": "both"}


def test_where_a_rolling_tag_is_comes_from_the_image_itself(base):
    target = index(base, pushed(base, architecture="amd64"), pushed(base, architecture="arm64"))
    moves = base_tags.move_rolling(base, VERSION, target, default_python="3.13", force=False)
    assert all(move.moves for move in moves)
    at = base.rolling(("latest", "py3.13", "py3.14"))
    assert at == {"latest": (target.digest, VERSION), "py3.13": (target.digest, VERSION)}

    again = base_tags.move_rolling(base, VERSION, target, default_python="3.13", force=False)
    assert not any(move.moves for move in again)


def test_an_immutable_tag_is_never_given_to_something_else(base):
    first, second = pushed(base, architecture="amd64"), pushed(base, architecture="arm64")
    base_tags.give_immutable(base, VERSION, first)
    base_tags.give_immutable(base, VERSION, first)
    with pytest.raises(TagMoved, match=r"somebody else has just released 1\.4\.0-r2-py3\.13"):
        base_tags.give_immutable(base, VERSION, second)
    assert base.registry.head(base.name, str(VERSION)).digest == first.digest
