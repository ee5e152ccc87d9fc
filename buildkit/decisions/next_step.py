"""What is the next step with a service, after all that its journal tells?"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from buildkit.values.plan import Action
from buildkit.values.rollout import Event

if TYPE_CHECKING:
    from buildkit.values.plan import PlannedService
    from buildkit.values.rollout import Progress


class Do(StrEnum):
    """A step."""

    MAKE = "make"
    VERIFY = "verify"
    SEAL = "seal"
    MOVE = "move"
    KEEP = "keep"
    FAIL = "fail"


@dataclass(frozen=True, slots=True)
class Step:
    """What to do; `how` is how to make the image; `again` says that it was begun before, and maybe done."""

    do: Do
    how: Action = Action.KEEP
    again: bool = False


def next_step(service: PlannedService, *, now: Progress, seals: bool) -> Step | None:
    """The step, None if the service is through.

    An interrupted step is done again: a made image that nobody has noted is only a digest that no tag knows, and a
    tag is looked at before it is moved. An image that was rebased and does not pass is built from source, once, if
    there is one: what was compiled for the old base is then compiled for the new one.

    Args:
        service: its plan.
        now: how far it is.
        seals: whether images get a bill of materials or a signature before their tag moves.
    """
    match now.last:
        case None:
            return Step(Do.MAKE, how=service.action)
        case Event.MAKING:
            return Step(Do.MAKE, how=now.how or service.action, again=True)
        case Event.NOT_MADE:
            return _other_way(service, now)
        case Event.MADE if now.digest == service.digest:
            return Step(Do.KEEP)
        case Event.MADE | Event.VERIFYING:
            return Step(Do.VERIFY, again=now.last is Event.VERIFYING)
        case Event.VERIFIED if not now.passed:
            return _other_way(service, now)
        case Event.VERIFIED if seals:
            return Step(Do.SEAL)
        case Event.SEALING:
            return Step(Do.SEAL, again=True)
        case Event.VERIFIED | Event.SEALED:
            return Step(Do.MOVE)
        case Event.MOVING:
            return Step(Do.MOVE, again=True)
        case _:
            return None


def _other_way(service: PlannedService, now: Progress) -> Step:
    if service.source and Action.REBUILD not in now.tried:
        return Step(Do.MAKE, how=Action.REBUILD)
    return Step(Do.FAIL)
