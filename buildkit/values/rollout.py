"""How far is a rollout, and each service in it?"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from buildkit.values.plan import Action, Plan


def _empty() -> Mapping[Any, Any]:
    return MappingProxyType({})


class Event(StrEnum):
    """What a journal's line tells. Those that end in -ing are written before something is done, the others after."""

    BEGUN = "begun"
    RESUMED = "resumed"
    WAVE = "wave"
    MAKING = "making"
    MADE = "made"
    NOT_MADE = "not-made"
    VERIFYING = "verifying"
    VERIFIED = "verified"
    SEALING = "sealing"
    SEALED = "sealed"
    MOVING = "moving"
    MOVED = "moved"
    KEPT = "kept"
    FAILED = "failed"
    BRAKED = "braked"
    WAVE_DONE = "wave-done"
    ROLLBACK = "rollback"
    RETURNING = "returning"
    RETURNED = "returned"
    NOT_RETURNED = "not-returned"
    ROLLBACK_DONE = "rollback-done"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class Record:
    """One line of a journal.

    Attributes:
        number: its place, from 1: what the order is told by.
        at: the wall clock's time when it was written; for people only, clocks jump.
        event: what it tells.
        service: of which service; empty if of the whole.
        fields: everything else.
    """

    number: int
    at: str
    event: Event
    service: str = ""
    fields: Mapping[str, Any] = field(default_factory=_empty, hash=False)


@dataclass(frozen=True, slots=True)
class Progress:
    """How far one service is: the sum of its journal lines.

    Attributes:
        last: its last event; None if nothing was begun.
        how: how the image that is under way was or is being made.
        tried: every way in which it was tried to make it.
        digest: of the image that was made; empty if none was.
        notes: what was noticed on the way (settings in conflict).
        passed: whether that image passed verification; None before.
        attestation: the digest of what verification has attached to the image.
        cause: why it failed, or did not move.
        hint: what to do about that.
        counted: whether the failure is the rollout's, and counts for the brakes.
        proven: whether tracing was proven before, and is now.
        seconds: how long was worked on it.
    """

    last: Event | None = None
    how: Action | None = None
    tried: frozenset[Action] = frozenset()
    digest: str = ""
    notes: tuple[str, ...] = ()
    passed: bool | None = None
    attestation: str = ""
    cause: str = ""
    hint: str = ""
    counted: bool = True
    proven: tuple[bool | None, bool | None] = (None, None)
    seconds: float = 0.0

    @property
    def ended(self) -> bool:
        return self.last in _ENDS


_ENDS = frozenset(
    {Event.MOVED, Event.KEPT, Event.FAILED, Event.RETURNING, Event.RETURNED, Event.NOT_RETURNED}
)


@dataclass(frozen=True, slots=True)
class WaveState:
    """How a wave is.

    Attributes:
        done: whether all that was to be done in it was.
        braked: why it was stopped; empty if it was not.
        hint: what to do about that.
        forgiven: services whose failures somebody knows of; they brake no more.
        pardoned: whether somebody went on after a brake; its coverage brakes no more.
        coverage: the company's coverage before it, from 0 to 1; None if that is not known.
    """

    done: bool = False
    braked: str = ""
    hint: str = ""
    forgiven: frozenset[str] = frozenset()
    pardoned: bool = False
    coverage: float | None = None


@dataclass(frozen=True, slots=True)
class Rollout:
    """A rollout: the sum of its journal.

    Attributes:
        name: its own, unique.
        plan: what was to be done when it began.
        on_failure: what becomes of a braked wave: `hold` or `rollback`.
        services: how far each is that is to be moved.
        waves: how each wave that was begun ended.
        outcome: `done`, `braked`, `interrupted`, `rolled-back` or `abandoned`; empty while it runs or if it was killed.
        seconds: of all its runs together, up to the last record that tells.
        rollback: the waves that are being put back; None if no rollback is under way.
    """

    name: str
    plan: Plan
    on_failure: str
    services: Mapping[str, Progress] = field(default_factory=_empty, hash=False)
    waves: Mapping[int, WaveState] = field(default_factory=_empty, hash=False)
    outcome: str = ""
    seconds: float = 0.0
    rollback: tuple[int, ...] | None = None

    @property
    def finished(self) -> bool:
        """Whether nothing is left to go on with."""
        return self.outcome in {"done", "rolled-back", "abandoned"} and self.rollback is None
