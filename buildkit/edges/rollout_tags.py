"""The services' tags, in their registries."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from buildkit.edges.registry import Registry
    from buildkit.values.fleet import ServiceEntry


class RegistryTags:
    """Reads and moves tags; see edges/rollout_parts.py, `Tags`. `registries` are known by their hosts."""

    def __init__(self, registries: Mapping[str, Registry]) -> None:
        self._registries = registries

    def current(self, entry: ServiceEntry) -> str | None:
        """The digest that a service's tag stands for, None if there is no such tag."""
        found = self._registries[entry.image.registry].head(entry.image.repository, entry.image.tag)
        return found.digest if found else None

    def move(self, entry: ServiceEntry, *, to: str, expected: str | None) -> None:
        """Move it, if it still stands for `expected` (raises TagMoved)."""
        image = entry.image
        self._registries[image.registry].move_tag(image.repository, image.tag, to=to, expected=expected)
