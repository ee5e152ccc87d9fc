"""Why not? One reason, and what to do about it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Reason:
    """Something that stands in the way.

    Attributes:
        text: what it is, as part of a sentence.
        hint: what to do about it; empty where there is nothing to say.
    """

    text: str
    hint: str = ""

    def __str__(self) -> str:
        return self.text
