"""Artifacts and the list of them."""

import json

from buildkit.decisions import oci_json
from buildkit.decisions.registry import attachments
from buildkit.values.oci import OCI_INDEX, OCI_MANIFEST, Descriptor, Platform

SUBJECT = Descriptor(OCI_MANIFEST, f"sha256:{'5' * 64}", 5, platform=Platform())
LAYER = Descriptor("text/json", f"sha256:{'6' * 64}", 6)


def artifact(kind="x/y", **annotations):
    return attachments.artifact(SUBJECT, LAYER, artifact_type=kind, annotations=annotations)


def test_an_artifact_says_what_it_is_and_whose():
    document = json.loads(artifact(b="2", a="1"))
    assert document["artifactType"] == "x/y"
    assert document["subject"] == {"mediaType": OCI_MANIFEST, "digest": SUBJECT.digest, "size": 5}
    assert document["config"]["digest"] == oci_json.digest(b"{}")
    assert document["layers"][0]["digest"] == LAYER.digest
    assert list(document["annotations"]) == ["a", "b"]


def test_the_same_artifact_is_the_same_bytes():
    assert artifact(b="2", a="1") == artifact(a="1", b="2")
    assert "annotations" not in json.loads(artifact())


def test_a_list_grows_by_one_and_never_twice():
    first, second = attachments.entry(artifact("x/1", k="v")), attachments.entry(artifact("x/2"))
    raw = attachments.added(None, first)
    index = oci_json.manifest(raw, media_type=OCI_INDEX)
    assert index.manifests == (first,)
    assert attachments.added(index, first) is None
    both = oci_json.manifest(attachments.added(index, second), media_type=OCI_INDEX)
    assert both.manifests == (first, second)
    assert both.manifests[0].annotations == {"k": "v"}
    assert attachments.of_type(both.manifests, artifact_type="x/2") == (second,)
    assert attachments.of_type(both.manifests, artifact_type="") == (first, second)


def test_the_lists_tag_is_the_specifications():
    assert attachments.tag(f"sha256:{'a' * 64}") == f"sha256-{'a' * 64}"
    assert len(attachments.tag(f"sha512:{'a' * 128}")) == 128
