"""What is added to a built image before it goes to the registry: the service's name, and what it stands on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from buildkit.decisions import layer_types, oci_json, service_stamp
from buildkit.values.built import Finished
from buildkit.values.errors import NotOnBase
from buildkit.values.oci import (
    ANNOTATION_BASE_DIGEST,
    ANNOTATION_BASE_NAME,
    OCI_CONFIG,
    OCI_INDEX,
    OCI_MANIFEST,
    Descriptor,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from buildkit.values.blueprint import Checkout
    from buildkit.values.built import BuiltImage
    from buildkit.values.oci import ImageConfig, Reference

# https://github.com/opencontainers/image-spec/blob/main/media-types.md
OCI_TAR = "application/vnd.oci.image.layer.v1.tar"
ANNOTATION_REVISION = "org.opencontainers.image.revision"
ANNOTATION_SOURCE = "org.opencontainers.image.source"


def check_base(built: ImageConfig, *, base: ImageConfig, name: str) -> None:
    """Believe the layers, not the builder.

    Raises:
        NotOnBase: The image's lowest layers are not the base's.
    """
    depth = len(base.diff_ids)
    if built.diff_ids[:depth] != base.diff_ids:
        raise NotOnBase(
            f"what was built for {built.platform} does not stand on {name}",
            hint="does its Dockerfile, or the builder's own configuration, replace the base?",
        )


def facts_of(*, base: Reference, checkout: Checkout) -> dict[str, str]:
    """Facts about this image alone: what it stands on, and what it was made of.

    https://github.com/opencontainers/image-spec/blob/main/annotations.md#pre-defined-annotation-keys
    """
    facts = {
        ANNOTATION_BASE_NAME: f"{base.name}:{base.tag}" if base.tag else base.name,
        ANNOTATION_BASE_DIGEST: base.digest,
    }
    if "://" in checkout.origin:
        facts[ANNOTATION_SOURCE] = checkout.origin
    if checkout.commit:
        facts[ANNOTATION_REVISION] = checkout.commit
    return facts


def finished(built: BuiltImage, *, service: str, facts: Mapping[str, str]) -> Finished:
    """One platform's config and manifest, with the service's name as its last layer.

    The same input gives the same bytes.

    Args:
        built: what the builder made.
        service: the name; empty for none.
        facts: its annotations.
    """
    layers = [Descriptor(layer_types.oci(one.media_type), one.digest, one.size) for one in built.layers]
    raw = built.config.raw
    if service:
        stamp = service_stamp.layer(service)
        descriptor = Descriptor(OCI_TAR, oci_json.digest(stamp), len(stamp))
        layers.append(descriptor)
        raw = _with_layer(built.config, diff_id=descriptor.digest)
    config = Descriptor(OCI_CONFIG, oci_json.digest(raw), len(raw))
    manifest = oci_json.written(
        {
            "schemaVersion": 2,
            "mediaType": OCI_MANIFEST,
            "config": oci_json.described(config),
            "layers": [oci_json.described(layer) for layer in layers],
            "annotations": dict(facts),
        }
    )
    return Finished(built=built, config=raw, manifest=manifest, annotations=facts)


def index(images: Sequence[Finished]) -> bytes:
    """The index of several platforms' images."""
    entries = [
        Descriptor(
            OCI_MANIFEST, oci_json.digest(image.manifest), len(image.manifest), image.built.config.platform
        )
        for image in images
    ]
    return oci_json.written(
        {
            "schemaVersion": 2,
            "mediaType": OCI_INDEX,
            "manifests": [oci_json.described(entry) for entry in entries],
            "annotations": dict(images[0].annotations),
        }
    )


def _with_layer(config: ImageConfig, *, diff_id: str) -> bytes:
    document = dict(config.document)
    history = list(document.get("history") or [])
    moment = {"created": document["created"]} if document.get("created") else {}
    history.append({**moment, "created_by": service_stamp.CREATED_BY})
    document["history"] = history
    document["rootfs"] = {"type": "layers", "diff_ids": [*config.diff_ids, diff_id]}
    return oci_json.written(document)
