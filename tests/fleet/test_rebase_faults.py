"""Rebasing while the registry fails: the result is the right one or there is none, and no tag moves."""

import pytest

from buildkit.edges import bases, rebasing
from buildkit.edges.documents import Documents
from buildkit.edges.registry import Registry
from buildkit.values.errors import RegistryError
from buildkit.values.oci import Reference
from tests.fleet.image_making import Maker

OLD, NEW = "1.4.0-r1-py3.13", "1.5.0-r1-py3.13"
BASE = "faults/python-service"


@pytest.fixture(scope="module")
def maker(registry_host):
    with Registry.connect(registry_host) as registry:
        maker = Maker(registry, base=BASE)
        maker.release(OLD)
        maker.release(NEW)
        yield maker


@pytest.fixture
def rebase(maker, through_faults, unique):
    """Rebase a service through the faults."""
    maker.service(unique, "app", on=OLD)
    known = bases.read(
        Documents(through_faults, directory=None),
        Reference(through_faults.host, BASE),
        company="company",
    )
    return lambda **options: rebasing.rebase(
        through_faults, Reference(through_faults.host, unique, "latest"), bases=known, **options
    )


def check_whole(registry, repository, found):
    """The result is there with all its parts, and the tag is where it was."""
    manifest = registry.get(repository, found.digest)
    assert registry.config(repository, manifest)
    assert all(registry.has_blob(repository, layer.digest) for layer in manifest.layers)
    assert registry.head(repository, "latest").digest == found.before


@pytest.mark.parametrize(
    "fault",
    [
        {"path": "mount=", "status": 500},
        {"path": "mount=", "status": 429, "headers": {"Retry-After": "0"}},
        {"path": "mount=", "lose_answer": True},
        {"method": "POST", "path": "uploads/$", "status": 503},
        {"method": "PUT", "path": "uploads/", "cut_request": 10},
        {"method": "PUT", "path": "uploads/", "lose_answer": True},
        {"method": "PUT", "path": "manifests/", "status": 502},
        {"method": "PUT", "path": "manifests/", "lose_answer": True},
        {"method": "GET", "path": "manifests/latest", "cut_answer": 20},
        {"method": "GET", "path": "blobs/", "cut_answer": 20},
    ],
    ids=lambda fault: " ".join(str(value) for value in fault.values()),
)
def test_a_passing_fault_changes_nothing_of_the_result(faulty, registry, rebase, unique, fault):
    expected = rebase(dry=True).digest
    faulty.add(**fault)
    found = rebase()
    assert found.digest == expected
    check_whole(registry, unique, found)


def test_a_registry_that_refuses_to_mount_gets_the_layers_copied(faulty, registry, rebase, unique):
    faulty.add(path="mount=", times=9, status=202, headers={"Location": f"/v2/{unique}/blobs/uploads/gone"})
    check_whole(registry, unique, rebase())


@pytest.mark.parametrize(
    "fault",
    [
        {"path": "mount="},
        {"method": "POST", "path": "uploads/$"},
        {"method": "PUT", "path": "manifests/"},
    ],
    ids=lambda fault: " ".join(fault.values()),
)
def test_a_lasting_fault_is_one_line_and_the_next_try_is_whole(faulty, registry, rebase, unique, fault):
    expected = rebase(dry=True)
    # A refusal is not tried again, as a failure would be: the registry means it.
    faulty.add(times=99, status=403, **fault)
    with pytest.raises(RegistryError) as failed:
        rebase()
    assert "\n" not in str(failed.value)
    assert registry.head(unique, "latest").digest == expected.before
    assert registry.head(unique, expected.digest) is None
    faulty.clear()
    check_whole(registry, unique, rebase())
