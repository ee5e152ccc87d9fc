"""Which tags does a release of the base get, and which of them may move to it?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from buildkit.values.base_tags import Move

if TYPE_CHECKING:
    from collections.abc import Mapping

    from buildkit.values.base_version import BaseVersion


def rolling(version: BaseVersion, *, default_python: str) -> tuple[str, ...]:
    """The tags that follow this version, the narrowest first.

    Those without a Python are for services that do not care: they follow the default row of versions.toml.
    """
    python = f"py{version.python}"
    tags = (f"{version.major}.{version.minor}-{python}", f"{version.major}-{python}", python)
    return (*tags, str(version.major), "latest") if version.python == default_python else tags


def moves(
    version: BaseVersion,
    *,
    default_python: str,
    current: Mapping[str, BaseVersion | None],
    force: bool = False,
) -> tuple[Move, ...]:
    """Decide for each rolling tag; a tag never goes backwards unless that is forced.

    A release of an older line (1.3.6 after 1.4.0) moves the tags of its own line only.

    Args:
        version: what was released.
        default_python: X.Y of the row that tags without a Python follow.
        current: where each existing rolling tag points; None for an image that names no version.
        force: also move tags backwards.
    """
    return tuple(
        _move(tag, version, current=current, force=force)
        for tag in rolling(version, default_python=default_python)
    )


def _move(tag: str, version: BaseVersion, *, current: Mapping[str, BaseVersion | None], force: bool) -> Move:
    if tag not in current:
        return Move(tag, None, moves=True, why="new")
    before = current[tag]
    if before is None:
        # Somebody else's image: moving on from it cannot take a service back to an older base.
        return Move(tag, None, moves=True, why="was on an image that names no version")
    if version > before:
        return Move(tag, before, moves=True, why=f"was on {before}")
    if version == before:
        return Move(tag, before, moves=False, why="is there already")
    if force:
        return Move(tag, before, moves=True, why=f"forced back from {before}")
    return Move(tag, before, moves=False, why=f"stays on the newer {before}")
