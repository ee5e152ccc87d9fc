"""Is a rebuilt image the one that was there before, but for when it was made?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from buildkit.values.oci import ImageConfig

# What a builder notes down of itself, and of the moment.
_OF_THE_BUILD = frozenset(
    {"created", "history", "docker_version", "container", "container_config", "id", "parent", "author"}
)


def same(old: ImageConfig, new: ImageConfig) -> bool:
    """Whether both have the same layers and run the same way: then a new digest would be a roll-out of nothing."""
    return old.diff_ids == new.diff_ids and _meaning(old) == _meaning(new)


def _meaning(config: ImageConfig) -> dict[str, Any]:
    kept = {name: value for name, value in config.document.items() if name not in _OF_THE_BUILD}
    # Some writers say "none" by null, others by leaving it out.
    kept["config"] = {
        name: value for name, value in config.settings.items() if value not in (None, [], {}, "", False)
    }
    return {name: value for name, value in kept.items() if not name.startswith("moby.")}
