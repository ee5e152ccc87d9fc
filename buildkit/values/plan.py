"""What is to be done with each service of a fleet, and in which order?"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from buildkit.values.reason import Reason


class Action(StrEnum):
    """What a rollout does with a service."""

    KEEP = "keep"  # it is on the newest base already
    REBASE = "rebase"  # the base's layers are exchanged in the registry
    REBUILD = "rebuild"  # its Dockerfile is built on the new base
    BLOCKED = "blocked"  # nothing can be done, or nothing may be

    @property
    def moves(self) -> bool:
        """Whether the service's tag shall move."""
        return self in {Action.REBASE, Action.REBUILD}


class Where(StrEnum):
    """Where a service stands; see values/stand.py, whose words these are."""

    CURRENT = "current"
    BEHIND = "behind"
    PINNED = "pinned"
    NOT_ON_BASE = "not-on-base"
    BYPASSED = "bypassed"
    UNKNOWN = "unknown"  # it could not be looked at


@dataclass(frozen=True, slots=True)
class Found:
    """What a look at one service showed: all that its plan is made from.

    Attributes:
        name: the service.
        image: its image, with the tag.
        where: in one word.
        reason: in one sentence, with how it is known.
        digest: what its tag stands for now; empty if that is not known.
        version: the base that it stands on; empty if it stands on none.
        newest: the base that it could stand on; empty if there is none.
        blockers: what stops a rebase; empty means go.
        source: whether it can be built from source.
        footing: why its source, if built, would not stand on the base; empty if it would.
        may_move: whether a pin may be overruled.
        failed: whether it could not be looked at: an error, not a state.
        warning: that the support of its base ends.
    """

    name: str
    image: str
    where: Where
    reason: Reason
    digest: str = ""
    version: str = ""
    newest: str = ""
    blockers: tuple[Reason, ...] = ()
    source: bool = False
    footing: str = ""
    may_move: bool = False
    failed: bool = False
    warning: str = ""


@dataclass(frozen=True, slots=True)
class PlannedService:
    """What is to be done with one service.

    Attributes:
        name: the service.
        image: its image, with the tag that moves.
        action: what.
        reasons: why that and nothing else.
        digest: what the tag stands for now, and is put back to.
        version: the base that it stands on now.
        onto: the base that it is put on; empty where nothing is done.
        source: whether it can be built from source, should the rebase not do.
        wave: in which wave; 0 where nothing is done.
        failed: whether it is blocked by an error and not by its state.
    """

    name: str
    image: str
    action: Action
    reasons: tuple[Reason, ...]
    digest: str = ""
    version: str = ""
    onto: str = ""
    source: bool = False
    wave: int = 0
    failed: bool = False


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be done with a fleet.

    Attributes:
        onto: the newest base's version, or that which was asked for; as people call it.
        services: all of them, in the fleet's order.
    """

    onto: str
    services: tuple[PlannedService, ...]

    @property
    def waves(self) -> tuple[tuple[int, tuple[PlannedService, ...]], ...]:
        """The waves that have services, in order."""
        numbers = sorted({service.wave for service in self.services if service.wave})
        return tuple(
            (number, tuple(each for each in self.services if each.wave == number)) for number in numbers
        )

    @property
    def moves(self) -> tuple[PlannedService, ...]:
        return tuple(service for service in self.services if service.action.moves)
