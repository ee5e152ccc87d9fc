"""What has been released of the base, as the registry has it?"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from buildkit.decisions import base_version, platforms
from buildkit.values.errors import BadManifest, NotInRegistry
from buildkit.values.oci import Descriptor, Index, Manifest
from buildkit.values.release import Release

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from buildkit.edges.registry import Registry
    from buildkit.values.base_version import BaseVersion
    from buildkit.values.oci import ImageConfig, Platform


class BaseRepository:
    """The base's repository.

    Args:
        registry: has it.
        name: its path (`company/python-service`).
        company: whose labels its images carry.

    Raises:
        RegistryError: from any method.
    """

    def __init__(self, registry: Registry, *, name: str, company: str) -> None:
        self.registry = registry
        self.name = name
        self._company = company

    def versions(self) -> tuple[BaseVersion, ...]:
        """All releases, the newest first; none where nothing was ever pushed."""
        try:
            return base_version.released(self.registry.tags(self.name))
        except NotInRegistry:
            return ()

    def release(self, version: BaseVersion) -> Release:
        """One of them, with all its platforms (raises NotInRegistry)."""
        found = self.registry.get(self.name, str(version))
        images: dict[Platform, ImageConfig] = {}
        layers: dict[str, Descriptor] = {}
        for manifest in self._manifests(found):
            config = self.registry.config(self.name, manifest)
            images[platforms.normal(config.platform)] = config
            layers.update(zip(config.diff_ids, manifest.layers, strict=False))
        if not images:
            raise BadManifest(f"{self.name}:{version} has no image in it", hint="delete that tag")
        target = Descriptor(found.media_type, found.digest, len(found.raw))
        released = max(base_version.created(config, company=self._company) for config in images.values())
        return Release(version, target, MappingProxyType(images), released, MappingProxyType(layers))

    def rolling(self, tags: Iterable[str]) -> Mapping[str, tuple[str, BaseVersion | None]]:
        """Where each of these tags points: the digest, and the version that the image itself names.

        The image's word, not that of a tag with the same digest: an immutable tag may have been deleted.
        """
        found = {}
        for tag in tags:
            if (at := self.registry.head(self.name, tag)) is not None:
                found[tag] = (at.digest, self._version(at.digest))
        return found

    def _version(self, digest: str) -> BaseVersion | None:
        first = next(iter(self._manifests(self.registry.get(self.name, digest))), None)
        if first is None:
            return None
        labels = self.registry.config(self.name, first).labels
        return base_version.of_labels(labels, company=self._company)

    def _manifests(self, found: Manifest | Index) -> Iterable[Manifest]:
        """The images in it: an index may also list attestations, whose platform is unknown."""
        if isinstance(found, Manifest):
            yield found
            return
        for entry in found.manifests:
            if entry.platform is not None and entry.platform.architecture not in {"", "unknown"}:
                manifest = self.registry.get(self.name, entry.digest)
                if isinstance(manifest, Manifest):
                    yield manifest
