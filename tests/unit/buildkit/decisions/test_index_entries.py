import pytest

from buildkit.decisions import index_entries, oci_json
from buildkit.values.errors import BadManifest
from buildkit.values.oci import OCI_INDEX, OCI_MANIFEST
from tests.unit.buildkit.fleet_images import ARM64, image, index


def test_attestations_are_no_images():
    made = image(["a"]), image(["b"], platform=ARM64)
    assert [entry.digest for entry in index_entries.images(index(*made), name="shop")] == [
        each.manifest.digest for each in made
    ]


def of(*entries):
    document = {"schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": list(entries)}
    return oci_json.manifest(oci_json.written(document), media_type=OCI_INDEX)


def test_an_index_without_an_image_is_named():
    with pytest.raises(BadManifest, match="shop is an index without an image"):
        index_entries.images(of(), name="shop")


def test_an_index_in_an_index_is_named():
    nested = {"mediaType": OCI_INDEX, "digest": "sha256:0", "size": 1}
    with pytest.raises(BadManifest, match="shop has 'application/vnd"):
        index_entries.images(of(nested), name="shop")


def test_an_artifact_is_no_container_image():
    chart = {
        "schemaVersion": 2,
        "mediaType": OCI_MANIFEST,
        "config": {"mediaType": "application/vnd.cncf.helm.config.v1+json", "digest": "sha256:0", "size": 1},
        "layers": [],
    }
    manifest = oci_json.manifest(oci_json.written(chart), media_type=OCI_MANIFEST)
    with pytest.raises(BadManifest, match="chart is no container image but 'application/vnd"):
        index_entries.check_image(manifest, name="chart")
    plain = image(["a"]).manifest
    assert index_entries.check_image(plain, name="shop") is plain
