"""What does an artifact that is attached to a manifest look like, and the list of a manifest's artifacts?

https://github.com/opencontainers/image-spec/blob/main/manifest.md#guidelines-for-artifact-usage and
https://github.com/opencontainers/distribution-spec/blob/main/spec.md#referrers-tag-schema
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from buildkit.decisions import oci_json
from buildkit.values.oci import OCI_EMPTY, OCI_INDEX, OCI_MANIFEST, Descriptor, Manifest

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from buildkit.values.oci import Index

EMPTY = b"{}"
LONGEST_TAG = 128


def artifact(
    subject: Descriptor,
    layer: Descriptor,
    *,
    artifact_type: str,
    annotations: Mapping[str, str],
) -> bytes:
    """The manifest of an artifact with one file; always the same bytes for the same arguments."""
    document = {
        "schemaVersion": 2,
        "mediaType": OCI_MANIFEST,
        "artifactType": artifact_type,
        "config": oci_json.described(Descriptor(OCI_EMPTY, oci_json.digest(EMPTY), len(EMPTY))),
        "layers": [oci_json.described(layer)],
        "subject": oci_json.described(Descriptor(subject.media_type, subject.digest, subject.size)),
    }
    if annotations:
        document["annotations"] = dict(sorted(annotations.items()))
    return oci_json.written(document)


def entry(raw: bytes) -> Descriptor:
    """How an artifact's manifest stands in the list."""
    found = oci_json.manifest(raw, media_type=OCI_MANIFEST)
    assert isinstance(found, Manifest)
    return Descriptor(
        found.media_type,
        found.digest,
        len(raw),
        annotations=found.annotations,
        # An artifact of before artifactType was there tells its type by its config's.
        artifact_type=found.artifact_type or found.config.media_type,
    )


def tag(digest: str) -> str:
    """Where the list is kept by a registry that knows no referrers: `sha256-<hex>`."""
    return digest.replace(":", "-")[:LONGEST_TAG]


def added(index: Index | None, new: Descriptor) -> bytes | None:
    """The list with one more artifact; None if it is in it already."""
    entries = () if index is None else index.manifests
    if any(each.digest == new.digest for each in entries):
        return None
    document = {
        "schemaVersion": 2,
        "mediaType": OCI_INDEX,
        "manifests": [oci_json.described(each) for each in (*entries, new)],
    }
    if index is not None and index.annotations:
        document["annotations"] = dict(index.annotations)
    return oci_json.written(document)


def of_type(entries: Iterable[Descriptor], *, artifact_type: str) -> tuple[Descriptor, ...]:
    return tuple(each for each in entries if not artifact_type or each.artifact_type == artifact_type)
