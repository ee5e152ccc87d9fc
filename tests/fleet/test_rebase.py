"""Rebasing in a real registry."""

import json

import pytest

from buildkit.decisions import base_version
from buildkit.edges import bases, rebasing
from buildkit.edges.documents import Documents
from buildkit.edges.registry import Registry
from buildkit.values.errors import NotInRegistry, NotRebasable
from buildkit.values.oci import DOCKER_MANIFEST, OCI_INDEX, OCI_MANIFEST, Index, Reference
from tests.fleet.image_making import AMD64, ARM64, Maker

OLD, NEW = "1.4.0-r1-py3.13", "1.5.0-r1-py3.13"
BASE = "rebase/python-service"


@pytest.fixture(scope="module")
def registry(registry_host):
    with Registry.connect(registry_host) as registry:
        yield registry


@pytest.fixture(scope="module")
def maker(registry):
    maker = Maker(registry, base=BASE)
    maker.release(OLD, platforms=(AMD64, ARM64))
    maker.release(NEW, platforms=(AMD64, ARM64), created="2026-02-10T00:00:00Z")
    maker.release("1.4.0-r1-py3.11")
    return maker


@pytest.fixture(scope="module")
def catalogue(maker, registry, registry_host):
    return bases.read(Documents(registry, directory=None), Reference(registry_host, BASE), company="company")


@pytest.fixture
def rebase(registry, registry_host, catalogue):
    def rebase_it(repository, *, tag="latest", **options):
        return rebasing.rebase(
            registry, Reference(registry_host, repository, tag), bases=catalogue, **options
        )

    return rebase_it


def settings(registry, repository, digest):
    return registry.config(repository, registry.get(repository, digest)).settings


def test_the_result_lies_in_the_registry_by_its_digest_and_the_tag_stays(maker, registry, rebase, unique):
    before = maker.service(unique, "app", on=OLD, settings={"Cmd": ["flask", "run"]})
    found = rebase(unique)
    assert found.changed
    assert found.before == before
    assert registry.head(unique, "latest").digest == before
    found_settings = settings(registry, unique, found.digest)
    assert f"BASE={NEW}" in found_settings["Env"]
    assert found_settings["Cmd"] == ["flask", "run"]


def test_every_layer_of_the_result_is_in_the_services_own_repository(maker, registry, rebase, unique):
    maker.service(unique, "app", on=OLD)
    manifest = registry.get(unique, rebase(unique).digest)
    assert all(registry.has_blob(unique, layer.digest) for layer in manifest.layers)


def test_a_rebase_takes_at_most_eight_requests(maker, registry, rebase, unique):
    maker.service(unique, "app", on=OLD)
    before = registry.requests
    rebase(unique)
    assert registry.requests - before <= 8


def test_the_same_rebase_again_gives_the_same_digest(maker, rebase, unique):
    maker.service(unique, "app", on=OLD)
    assert rebase(unique).digest == rebase(unique).digest


def test_a_dry_run_tells_the_same_digest_and_pushes_nothing(maker, registry, rebase, unique):
    maker.service(unique, "app", on=OLD)
    found = rebase(unique, dry=True)
    assert registry.head(unique, found.digest) is None
    assert rebase(unique).digest == found.digest


def test_on_the_newest_base_there_is_nothing_to_do(maker, registry, rebase, unique):
    before = maker.service(unique, "app", on=NEW)
    asked = registry.requests
    found = rebase(unique)
    assert not found.changed
    assert found.digest == before
    assert registry.requests - asked == 2  # the manifest, the config


def test_a_rebased_image_is_found_on_its_new_base_and_stays_there(maker, registry, rebase, unique):
    maker.service(unique, "app", on=OLD)
    first = rebase(unique)
    registry.move_tag(unique, "latest", to=first.digest, expected=first.before)
    again = rebase(unique)
    assert not again.changed
    assert str(again.before_bases[AMD64]) == NEW


def test_each_platform_gets_its_own_base_and_attestations_are_not_copied(maker, registry, rebase, unique):
    maker.service(unique, "app", on=OLD, platforms=(AMD64, ARM64), attested=True)
    found = rebase(unique)
    index = registry.get(unique, found.digest)
    assert isinstance(index, Index)
    assert index.media_type == OCI_INDEX
    assert [entry.platform for entry in index.manifests] == [AMD64, ARM64]
    for entry in index.manifests:
        config = registry.config(unique, registry.get(unique, entry.digest))
        assert config.platform == entry.platform
        assert [entry["created_by"] for entry in config.document["history"]] == [
            f"debian {entry.platform}" if number == 0 else text
            for number, text in enumerate(
                [
                    "",
                    f"venv {entry.platform}",
                    f"tracing {NEW} {entry.platform}",
                    f"app {entry.platform}",
                ]
            )
        ]


def test_dockers_kind_of_image_becomes_an_oci_image(maker, registry, rebase, unique):
    maker.service(unique, "app", on=OLD, kind=DOCKER_MANIFEST, level=1)
    manifest = registry.get(unique, rebase(unique).digest)
    assert manifest.media_type == OCI_MANIFEST
    assert "docker" not in json.dumps(json.loads(manifest.raw))


def test_a_platform_that_the_base_lacks_is_refused_with_nothing_pushed(
    maker, registry, rebase, catalogue, unique
):
    maker.service(unique, "app", on=OLD, platforms=(AMD64, ARM64))
    only = catalogue.named(catalogue.bases[0].version)
    amd64 = type(only)(
        only.version, only.reference, {AMD64: only.platforms[AMD64]}, only.released, only.support
    )
    with pytest.raises(
        NotRebasable, match="linux/arm64: the new base is not there for linux/arm64"
    ) as refused:
        rebase(unique, onto=amd64)
    assert refused.value.hint == "release it for linux/arm64 as well"


def test_another_python_is_refused_with_what_to_do(maker, rebase, catalogue, unique):
    maker.service(unique, "app", on=OLD)
    other = next(base for base in catalogue.bases if base.python == "3.11")
    with pytest.raises(NotRebasable, match=r"Python 3.13 -> 3.11") as refused:
        rebase(unique, onto=other.version)
    assert "installed for it anew" in refused.value.hint


def test_an_image_on_something_else_is_refused(maker, rebase, unique):
    entry = maker.image(unique, ["alpine"], settings={})
    maker.tagged(unique, "latest", [entry])
    with pytest.raises(NotRebasable, match="not those of a known base"):
        rebase(unique)


def test_a_release_that_is_not_there_is_named(maker, rebase, unique):
    with pytest.raises(NotInRegistry, match=r"there is no base 9.9.9-r1-py3.13"):
        rebase(unique, onto=base_version.parse("9.9.9-r1-py3.13"))


def test_there_and_back_gives_the_settings_of_before(maker, registry, rebase, catalogue, unique):
    before = maker.service(
        unique, "app", on=OLD, settings={"Env": ["PATH=/app:/opt/venv/bin:/usr/bin", f"BASE={OLD}", "MINE=1"]}
    )
    there = rebase(unique)
    old = next(base for base in catalogue.bases if str(base.version) == OLD)
    back = rebasing.rebase(
        registry, Reference(registry.host, unique, digest=there.digest), bases=catalogue, onto=old
    )
    assert settings(registry, unique, back.digest) == settings(registry, unique, before)
    assert registry.get(unique, back.digest).layers == registry.get(unique, before).layers


def test_what_was_read_once_is_read_from_the_disk_the_next_time(maker, registry, unique, tmp_path):
    maker.service(unique, "app", on=OLD)
    for cost in (2, 1):
        documents = Documents(registry, directory=tmp_path)
        before = registry.requests
        documents.config(unique, documents.manifest(unique, "latest"))
        assert registry.requests - before == cost


def test_a_damaged_copy_on_the_disk_is_read_anew(maker, registry, unique, tmp_path):
    maker.service(unique, "app", on=OLD)
    documents = Documents(registry, directory=tmp_path)
    config = documents.config(unique, documents.manifest(unique, "latest"))
    for path in (tmp_path / "content").rglob("*"):
        if path.is_file():
            path.write_bytes(path.read_bytes()[:-5])
    assert documents.config(unique, documents.manifest(unique, "latest")) == config


def test_a_tag_that_moved_is_noticed_although_it_is_known(maker, registry, unique, tmp_path):
    maker.service(unique, "app", on=OLD)
    documents = Documents(registry, directory=tmp_path)
    documents.manifest(unique, "latest")
    moved = maker.service(unique, "app 2", on=OLD)
    assert documents.manifest(unique, "latest").digest == moved
