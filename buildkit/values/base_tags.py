"""What becomes of a tag that follows the base's newest release?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from buildkit.values.base_version import BaseVersion


@dataclass(frozen=True, slots=True)
class Move:
    """What becomes of one rolling tag.

    Attributes:
        tag: its name.
        before: the version that it points at; None if it is new, or points at something unknown.
        moves: whether it moves.
        why: one clause for the report.
    """

    tag: str
    before: BaseVersion | None
    moves: bool
    why: str
