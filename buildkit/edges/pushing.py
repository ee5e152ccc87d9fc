"""Bring an image from the engine into a registry, by its digest and without any tag.

`docker push` needs a tag, which would then point at something that nobody has verified yet. It also has no place
for annotations where the engine keeps no manifests.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from buildkit.decisions import oci_json
from buildkit.values.oci import OCI_CONFIG, OCI_INDEX, OCI_MANIFEST, Descriptor

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from buildkit.edges.engine_image import SavedImage
    from buildkit.edges.registry import Registry

PIECE = 1 << 20


def push(
    image: SavedImage,
    *,
    registry: Registry,
    repository: str,
    annotations: Mapping[str, str],
    known: Mapping[str, Descriptor] | None = None,
) -> Descriptor:
    """Upload what the registry lacks, and return the manifest's descriptor, with its platform.

    Args:
        image: what to upload.
        registry: where to.
        repository: where in it.
        annotations: of the manifest.
        known: layers that lie in the repository, by the digest of their uncompressed content: not compressed again.

    Raises:
        RegistryError: it will not have it.
        OutOfDisk: there is no room to compress a layer here.
    """
    layers = []
    for diff_id in image.config.diff_ids:
        descriptor = (known or {}).get(diff_id)
        if descriptor is None or not registry.has_blob(repository, descriptor.digest):
            layer = image.layer(diff_id)
            descriptor = layer.descriptor
            if not registry.has_blob(repository, descriptor.digest):
                registry.put_stream(
                    repository,
                    lambda file=layer.file: _pieces(file),  # type: ignore[misc]
                    digest=descriptor.digest,
                    size=descriptor.size,
                    media_type=descriptor.media_type,
                )
        layers.append(descriptor)
    config = registry.put_blob(repository, image.config.raw, media_type=OCI_CONFIG)
    members = {"config": oci_json.described(config), "layers": [oci_json.described(each) for each in layers]}
    written = _put(registry, repository, OCI_MANIFEST, members, annotations=annotations)
    return Descriptor(OCI_MANIFEST, written.digest, written.size, platform=image.config.platform)


def push_index(
    manifests: Sequence[Descriptor], *, registry: Registry, repository: str, annotations: Mapping[str, str]
) -> Descriptor:
    """One image for several platforms, of manifests that lie in the repository (raises RegistryError)."""
    ordered = sorted(manifests, key=lambda each: (each.platform is None, str(each.platform)))
    members = {"manifests": [oci_json.described(each) for each in ordered]}
    return _put(registry, repository, OCI_INDEX, members, annotations=annotations)


def _put(
    registry: Registry,
    repository: str,
    media_type: str,
    members: Mapping[str, Any],
    *,
    annotations: Mapping[str, str],
) -> Descriptor:
    document = {"schemaVersion": 2, "mediaType": media_type, **members}
    if annotations:
        document["annotations"] = dict(sorted(annotations.items()))
    raw = oci_json.written(document)
    digest = registry.put(repository, raw, media_type=media_type, version=oci_json.digest(raw))
    return Descriptor(media_type, digest, len(raw))


def _pieces(file: Path) -> Iterator[bytes]:
    with file.open("rb") as content:
        while piece := content.read(PIECE):
            yield piece
