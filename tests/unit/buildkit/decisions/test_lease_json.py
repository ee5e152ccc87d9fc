import pytest

from buildkit.decisions import lease_json, oci_json
from buildkit.values.errors import BadManifest
from buildkit.values.lease import Lease
from buildkit.values.oci import OCI_MANIFEST


def read(raw):
    return lease_json.read(oci_json.manifest(raw, media_type=OCI_MANIFEST))


def test_a_lease_is_read_as_it_was_written():
    lease = Lease("me on here", "0001", place="boot/1", process="12/34", seconds=45, renewal=3)
    assert read(lease_json.written(lease)) == lease
    assert read(lease_json.written(Lease())).free


def test_a_renewal_is_another_manifest():
    assert lease_json.written(Lease("me", renewal=1)) != lease_json.written(Lease("me", renewal=2))


def test_something_else_under_its_tag_is_told():
    raw = lease_json.written(Lease()).replace(b"rollout.lease.", b"something.")
    with pytest.raises(BadManifest, match="rollout-lease of the base's repository is no lease"):
        read(raw)
