"""Look at a service's image in a registry, with all of its platforms."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from buildkit.decisions import config_shape, index_entries, pins
from buildkit.values.errors import BadManifest
from buildkit.values.oci import Image, Index, Manifest
from buildkit.values.stand import ServiceAt

if TYPE_CHECKING:
    from buildkit.edges.documents import Documents
    from buildkit.values.oci import Reference


def look(documents: Documents, reference: Reference, *, base: str) -> ServiceAt:
    """Read an image's manifests and configs: two requests for an image of one platform, none for what is known.

    Args:
        documents: of the registry that the reference names.
        reference: tag or digest.
        base: the base's repository without its registry, for recognizing that an image is bound to one of it.

    Raises:
        NotInRegistry: there is no such image, or a part of it is missing.
        BadManifest: what is there is no image.
    """
    document = documents.manifest(reference.repository, reference.version)
    images = read_images(documents, document, reference=reference)
    bound = (pins.of_image(image, base=base) for image in images)
    return ServiceAt(reference, document, images, pin=next((pin for pin in bound if pin), ""))


def read_images(
    documents: Documents, document: Manifest | Index, *, reference: Reference
) -> tuple[Image, ...]:
    """The images behind a manifest or an index, in its order.

    Raises:
        NotInRegistry: a part is missing.
        BadManifest: a part is no image.
    """
    repository = reference.repository
    if isinstance(document, Manifest):
        manifests = [document]
    else:
        manifests = []
        for entry in index_entries.images(document, name=str(reference)):
            part = documents.manifest(repository, entry.digest)
            if isinstance(part, Index):
                raise BadManifest(f"{reference} has an index where an image should be")
            manifests.append(part)
    images = []
    for manifest in manifests:
        index_entries.check_image(manifest, name=str(reference))
        where = dataclasses.replace(reference, digest=manifest.digest)
        config = config_shape.check(documents.config(repository, manifest), name=str(reference))
        images.append(Image(where, manifest, config))
    return tuple(images)
