"""What has been released of the base, as the registry has it?"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from buildkit.decisions import base_version, platforms
from buildkit.edges import image_reading
from buildkit.values.errors import NotInRegistry
from buildkit.values.oci import Descriptor
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
        target = Descriptor(found.media_type, found.digest, len(found.raw))
        images: dict[Platform, ImageConfig] = {}
        layers: dict[str, Descriptor] = {}
        for image in image_reading.platforms(self.registry, self.name, found.digest):
            images[platforms.normal(image.config.platform)] = image.config
            layers.update(zip(image.config.diff_ids, image.layers, strict=False))
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
        first, *_ = image_reading.platforms(self.registry, self.name, digest)
        return base_version.of_labels(first.config.labels, company=self._company)
