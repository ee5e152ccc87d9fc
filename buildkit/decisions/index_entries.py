"""Which entries of an index are images, and which are about images?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from buildkit.values.errors import BadManifest
from buildkit.values.oci import DOCKER_CONFIG, MANIFESTS, OCI_CONFIG

if TYPE_CHECKING:
    from buildkit.values.oci import Descriptor, Index, Manifest

# https://docs.docker.com/build/metadata/attestations/attestation-storage/
_ATTESTATION = "vnd.docker.reference.type"


def images(index: Index, *, name: str) -> tuple[Descriptor, ...]:
    """The images, one for each platform; attestations and other artifacts are left out.

    Args:
        index: what lies in the registry.
        name: how errors call it.

    Raises:
        BadManifest: there is none, or an index within the index.
    """
    found = tuple(entry for entry in index.manifests if not _is_about_another(entry))
    for entry in found:
        if entry.media_type not in MANIFESTS:
            raise BadManifest(
                f"{name} has {entry.media_type[:80]!r} where an image should be",
                hint="push it as one index of plain images",
            )
    if not found:
        raise BadManifest(f"{name} is an index without an image", hint="push it again")
    return found


def check_image(manifest: Manifest, *, name: str) -> Manifest:
    """The same manifest, if it is a container image's.

    Raises:
        BadManifest: it is a chart's, a signature's or another artifact's.
    """
    if manifest.config.media_type not in (OCI_CONFIG, DOCKER_CONFIG):
        kind = manifest.artifact_type or manifest.config.media_type
        raise BadManifest(f"{name} is no container image but {kind[:80]!r}", hint="name an image")
    return manifest


def _is_about_another(entry: Descriptor) -> bool:
    unknown = entry.platform is not None and entry.platform.architecture == "unknown"
    return unknown or bool(entry.artifact_type) or _ATTESTATION in entry.annotations
