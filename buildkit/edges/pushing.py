"""Put an image together in a registry, of what lies there already, by its digest and without any tag.

`docker push` needs a tag, which would then point at something that nobody has verified yet. It also has no place
for annotations where the engine keeps no manifests.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from buildkit.decisions import oci_json, platforms
from buildkit.values.oci import OCI_CONFIG, OCI_INDEX, OCI_MANIFEST, Descriptor

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from buildkit.edges.registry import Registry
    from buildkit.values.built import BuiltImage


def push(
    image: BuiltImage, *, registry: Registry, repository: str, annotations: Mapping[str, str]
) -> Descriptor:
    """Write config and manifest of an image whose layers are there; the manifest's descriptor, with its platform.

    Raises:
        RegistryError: it will not have it.
    """
    config = registry.put_blob(repository, image.config.raw, media_type=OCI_CONFIG)
    layers = [oci_json.described(layer) for layer in image.layers]
    members = {"config": oci_json.described(config), "layers": layers}
    written = _put(registry, repository, OCI_MANIFEST, members, annotations=annotations)
    platform = platforms.normal(image.config.platform)
    return Descriptor(OCI_MANIFEST, written.digest, written.size, platform=platform)


def push_index(
    manifests: Sequence[Descriptor], *, registry: Registry, repository: str, annotations: Mapping[str, str]
) -> Descriptor:
    """One image for several platforms, of manifests that lie in the repository (raises RegistryError)."""
    ordered = sorted(manifests, key=lambda each: str(each.platform))
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
