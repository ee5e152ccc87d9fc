"""The client against a real registry in which nothing goes wrong."""

import os
import re
from concurrent.futures import ThreadPoolExecutor

import pytest

from buildkit.decisions import oci_json
from buildkit.edges.registry import Registry
from buildkit.values.errors import NotInRegistry, RegistryError, TagMoved, WrongDigest
from buildkit.values.oci import (
    DOCKER_INDEX,
    DOCKER_MANIFEST,
    OCI_INDEX,
    OCI_LAYER,
    Descriptor,
    Index,
    Platform,
)
from tests.fleet.layers import layer, push

ABSENT = f"sha256:{'0' * 64}"


@pytest.fixture
def image(registry, unique):
    """A pushed image's digest."""
    return push(registry, unique, [layer({"a": b"a"}), layer({"b": b"b"})], version="one")


def test_what_was_written_is_read_again(registry, unique, image):
    found = registry.get(unique, "one")
    assert found.digest == image == registry.head(unique, "one").digest
    assert registry.get(unique, image) == found
    assert len(found.layers) == 2
    config = registry.config(unique, found)
    assert config.platform == Platform("linux", "amd64")
    assert config.diff_ids[0] == layer({"a": b"a"}).diff_id
    assert b"".join(registry.open_blob(unique, found.layers[0].digest)) == layer({"a": b"a"}).packed


def test_an_index_and_dockers_own_media_types_survive(registry, unique, image):
    manifest = registry.get(unique, image)
    docker = manifest.raw.replace(manifest.media_type.encode(), DOCKER_MANIFEST.encode())
    name = registry.put(unique, docker, media_type=DOCKER_MANIFEST, version="docker")
    assert registry.get(unique, "docker").media_type == DOCKER_MANIFEST
    for kind, tag in ((OCI_INDEX, "oci-index"), (DOCKER_INDEX, "docker-index")):
        entry = Descriptor(DOCKER_MANIFEST, name, len(docker), platform=Platform("linux", "arm64", "v8"))
        raw = oci_json.written(
            {"schemaVersion": 2, "mediaType": kind, "manifests": [oci_json.described(entry)]}
        )
        registry.put(unique, raw, media_type=kind, version=tag)
        found = registry.get(unique, tag)
        assert isinstance(found, Index)
        assert found.media_type == kind
        assert found.manifests[0].platform == Platform("linux", "arm64", "v8")


def test_what_is_not_there_is_none_or_said(registry, unique, image):
    assert registry.head(unique, "two") is None
    assert registry.head("test/nobody", "one") is None
    assert not registry.has_blob(unique, ABSENT)
    for ask in (
        lambda: registry.get(unique, "two"),
        lambda: registry.blob(unique, ABSENT),
        lambda: list(registry.open_blob(unique, ABSENT)),
        lambda: registry.tags("test/nobody"),
        lambda: registry.mount("test/other", ABSENT, source=unique),
    ):
        with pytest.raises(NotInRegistry, match=r"does not have it.*is the name right") as caught:
            ask()
        assert "\n" not in str(caught.value)


def test_a_large_blob_streams_both_ways(registry, unique):
    data = os.urandom(5_000_000)
    digest = oci_json.digest(data)

    def pieces():
        for start in range(0, len(data), 70_000):
            yield data[start : start + 70_000]

    found = registry.put_stream(unique, pieces, digest=digest, size=len(data), media_type=OCI_LAYER)
    assert found == Descriptor(OCI_LAYER, digest, len(data))
    assert b"".join(registry.open_blob(unique, digest)) == data


def test_a_blob_is_mounted_from_another_repository_without_being_sent(registry, unique, image):
    name = registry.get(unique, image).layers[0].digest
    before = registry.requests
    assert registry.mount(f"{unique}-other", name, source=unique) is True
    assert registry.requests == before + 1
    assert registry.has_blob(f"{unique}-other", name)


def test_content_under_another_digest_is_not_written(registry, unique, image):
    raw = registry.get(unique, image).raw
    with pytest.raises(WrongDigest, match="digest is sha256"):
        registry.put(unique, raw + b" ", media_type="x/y", version=image)
    with pytest.raises(RegistryError, match=r"answers 400.*digest"):
        registry.put_stream(unique, lambda: [b"other"], digest=ABSENT, size=5, media_type=OCI_LAYER)


def test_a_tag_moves_only_from_what_was_expected(registry, unique, image):
    newer = push(registry, unique, [layer({"c": b"c"})])
    registry.move_tag(unique, "one", to=newer, expected=image)
    assert registry.head(unique, "one").digest == newer
    registry.move_tag(unique, "one", to=newer, expected=image)  # done already is done
    with pytest.raises(TagMoved, match=f"is {newer}, not {ABSENT} any more; somebody else"):
        registry.move_tag(unique, "one", to=image, expected=ABSENT)
    with pytest.raises(TagMoved, match=f"is {newer}, not missing"):
        registry.move_tag(unique, "one", to=image, expected=None)
    with pytest.raises(TagMoved, match="is gone, not sha256"):
        registry.move_tag(unique, "new", to=image, expected=newer)
    registry.move_tag(unique, "new", to=image, expected=None)
    assert registry.head(unique, "new").digest == image
    with pytest.raises(NotInRegistry):
        registry.move_tag(unique, "one", to=ABSENT, expected=newer)
    assert registry.head(unique, "one").digest == newer


def test_a_registry_that_cannot_delete_a_tag_says_so_and_keeps_it(registry, unique, image):
    with pytest.raises(RegistryError, match=f"cannot delete the tag {unique}:one without its manifest"):
        registry.delete_tag(unique, "one")
    assert registry.head(unique, "one").digest == image


def test_all_tags_and_all_repositories_are_listed(registry, unique, image):
    raw = registry.get(unique, image).raw
    names = [f"v{number}" for number in range(30)]
    for name in names:
        registry.put(unique, raw, media_type=registry.get(unique, image).media_type, version=name)
    assert sorted(registry.tags(unique)) == sorted([*names, "one"])
    assert unique in set(registry.catalogue())


def test_what_is_attached_is_found_by_type(registry, unique, image):
    subject = registry.head(unique, image)
    assert registry.referrers(unique, image) == ()
    first = registry.attach(
        unique, subject, b'{"a":1}', artifact_type="x/first", media_type="text/json", annotations={"k": "v"}
    )
    second = registry.attach(unique, subject, b"b", artifact_type="x/second", media_type="text/plain")
    assert {entry.digest for entry in registry.referrers(unique, image)} == {first, second}
    (found,) = registry.referrers(unique, image, artifact_type="x/first")
    assert found.digest == first
    assert found.annotations == {"k": "v"}
    artifact = registry.get(unique, first)
    assert artifact.subject == Descriptor(subject.media_type, image, subject.size)
    assert registry.blob(unique, artifact.layers[0].digest) == b'{"a":1}'
    # The tag that stands in for the API is the specification's, for other clients to find.
    assert {entry.digest for entry in registry.get(unique, image.replace(":", "-")).manifests} == {
        first,
        second,
    }


def test_the_same_attached_twice_is_there_once(registry, unique, image):
    subject = registry.head(unique, image)
    both = [
        registry.attach(unique, subject, b"same", artifact_type="x/y", media_type="text/plain") for _ in "12"
    ]
    assert both[0] == both[1]
    assert len(registry.referrers(unique, image)) == 1


def test_attaching_at_the_same_time_loses_nothing(registry_host, unique, image, registry):
    subject = registry.head(unique, image)
    with Registry.connect(registry_host) as other, ThreadPoolExecutor(8) as pool:
        names = list(
            pool.map(
                lambda number: (registry, other)[number % 2].attach(
                    unique, subject, b"%d" % number, artifact_type="x/y", media_type="text/plain"
                ),
                range(12),
            )
        )
    assert {entry.digest for entry in registry.referrers(unique, image)} == set(names)


def test_many_threads_share_one_client_and_its_budget(registry_host, unique, image):
    with Registry.connect(registry_host, budget=4) as client, ThreadPoolExecutor(16) as pool:
        found = list(pool.map(lambda _: client.get(unique, "one").digest, range(200)))
        assert set(found) == {image}
        assert client.requests == 200


def test_error_messages_name_the_registry(registry, registry_host, unique):
    with pytest.raises(NotInRegistry, match=re.escape(f"reading {unique}:x: {registry_host} ")):
        registry.get(unique, "x")
