"""Give a proven release of the base its tags and its notes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from buildkit.decisions import base_tags
from buildkit.values.errors import TagMoved

if TYPE_CHECKING:
    from buildkit.edges.base_repository import BaseRepository
    from buildkit.values.base_tags import Move
    from buildkit.values.base_version import BaseVersion
    from buildkit.values.oci import Descriptor

# A type of our own, which clients that do not know it skip (RFC 6838, section 3.2).
NOTES_TYPE = "application/vnd.python-service-base.release-notes"
MARKDOWN = "text/markdown"


def give_immutable(base: BaseRepository, version: BaseVersion, target: Descriptor) -> None:
    """The tag that never moves again (raises TagMoved if somebody else was faster)."""
    try:
        base.registry.move_tag(base.name, str(version), to=target.digest, expected=None)
    except TagMoved:
        raise TagMoved(
            f"somebody else has just released {version}", hint="run it again: it then takes the next revision"
        ) from None


def attach_notes(base: BaseRepository, target: Descriptor, notes: str) -> None:
    """Attach the release notes, in Markdown, to a release; again the same is there once."""
    base.registry.attach(
        base.name, target, notes.encode(), artifact_type=NOTES_TYPE, media_type=MARKDOWN, annotations={}
    )


def plan_moves(
    base: BaseRepository, version: BaseVersion, *, default_python: str, force: bool
) -> tuple[tuple[Move, str | None], ...]:
    """What is to become of each rolling tag, and the digest that it is on now; None if there is no such tag."""
    at = base.rolling(base_tags.rolling(version, default_python=default_python))
    current = {tag: found for tag, (_, found) in at.items()}
    moves = base_tags.moves(version, default_python=default_python, current=current, force=force)
    return tuple((move, at[move.tag][0] if move.tag in at else None) for move in moves)


def move_rolling(
    base: BaseRepository, version: BaseVersion, target: Descriptor, *, default_python: str, force: bool
) -> tuple[Move, ...]:
    """Move what may move, each in one step and only from where we have just seen it; returns what became of each.

    Raises:
        TagMoved: somebody else moved one at the same time; those before it have moved.
    """
    planned = plan_moves(base, version, default_python=default_python, force=force)
    for move, digest in planned:
        if move.moves:
            base.registry.move_tag(base.name, move.tag, to=target.digest, expected=digest)
    return tuple(move for move, _ in planned)
