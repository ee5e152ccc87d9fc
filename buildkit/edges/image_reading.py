"""Read an image from a registry, platform by platform."""

from __future__ import annotations

from typing import TYPE_CHECKING

from buildkit.values.built import BuiltImage
from buildkit.values.errors import BadManifest
from buildkit.values.oci import Index, Manifest

if TYPE_CHECKING:
    from buildkit.edges.registry import Registry


def platforms(registry: Registry, repository: str, version: str) -> tuple[BuiltImage, ...]:
    """Its images; one if it is no index. What an index has beside images (attestations) is left out.

    Raises:
        NotInRegistry: There is no such image.
        BadManifest: It is an index of indexes, or of nothing.
    """
    found = registry.get(repository, version)
    if isinstance(found, Manifest):
        return (_read(registry, repository, found),)
    images = tuple(
        _read(registry, repository, _manifest(registry, repository, entry.digest))
        for entry in found.manifests
        # Attestations of BuildKit's are entries of the platform unknown/unknown.
        if entry.platform is None or entry.platform.architecture != "unknown"
    )
    if not images:
        raise BadManifest(f"{repository}@{found.digest} is an index without images", hint="push it again")
    return images


def _manifest(registry: Registry, repository: str, digest: str) -> Manifest:
    found = registry.get(repository, digest)
    if isinstance(found, Index):
        raise BadManifest(f"{repository}@{digest} is an index within an index", hint="push it again, flat")
    return found


def _read(registry: Registry, repository: str, manifest: Manifest) -> BuiltImage:
    return BuiltImage(config=registry.config(repository, manifest), layers=manifest.layers)
