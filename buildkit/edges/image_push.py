"""Put a finished image into a registry, by its digest only."""

from __future__ import annotations

from typing import TYPE_CHECKING

from buildkit.decisions import finishing, oci_json, service_stamp
from buildkit.values.oci import OCI_CONFIG, OCI_INDEX, OCI_MANIFEST

if TYPE_CHECKING:
    from collections.abc import Sequence

    from buildkit.edges.registry import Registry
    from buildkit.values.built import Finished


def push(registry: Registry, repository: str, images: Sequence[Finished], *, service: str) -> str:
    """Blobs first, then manifests, then the index: nothing ever names what is not there.

    Args:
        registry: Where to.
        repository: Where to; the layers are there.
        images: One for each platform.
        service: The name in their last layer; empty for none.

    Returns:
        The digest of the index, or of the manifest if there is only one.

    Raises:
        RegistryError: The registry refuses.
    """
    if service:
        registry.put_blob(repository, service_stamp.layer(service), media_type=finishing.OCI_TAR)
    digests = []
    for image in images:
        registry.put_blob(repository, image.config, media_type=OCI_CONFIG)
        name = oci_json.digest(image.manifest)
        digests.append(registry.put(repository, image.manifest, media_type=OCI_MANIFEST, version=name))
    if len(images) == 1:
        return digests[0]
    index = finishing.index(images)
    return registry.put(repository, index, media_type=OCI_INDEX, version=oci_json.digest(index))
