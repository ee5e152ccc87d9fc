"""Must a rollout stop here, and why?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from buildkit.values.reason import Reason

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from buildkit.values.fleet import Brakes


def failures(failed: Collection[str], *, size: int, brakes: Brakes) -> Reason | None:
    """More failures in a wave than are borne.

    Args:
        failed: the services of the wave that failed because of the rollout.
        size: how many services are in the wave.
        brakes: the limits.
    """
    borne = brakes.failures.at_most(size)
    if len(failed) <= borne:
        return None
    names = ", ".join(sorted(failed)[:5]) + (", ..." if len(failed) > 5 else "")
    return Reason(
        f"{len(failed)} of {size} services failed ({names}), {borne} are borne",
        "look into them, then `rollout --resume` goes on and `rollback` goes back",
    )


def coverage(before: float | None, *, after: float | None, brakes: Brakes) -> Reason | None:
    """Services are traced less than before. Shares from 0 to 1; None where it is not known."""
    if before is None or after is None:
        return None
    drop = (before - after) * 100
    if drop <= brakes.coverage_drop:
        return None
    return Reason(
        f"coverage fell from {before:.0%} to {after:.0%}, {brakes.coverage_drop:g} points are borne",
        "`rollback` goes back, `rollout --resume` goes on",
    )


def proven_share(pairs: Iterable[tuple[bool, bool]]) -> tuple[float | None, float | None]:
    """Shares of services whose tracing is proven, before and after; None for both if there are none to compare."""
    listed = list(pairs)
    if not listed:
        return None, None
    return tuple(sum(pair[side] for pair in listed) / len(listed) for side in (0, 1))  # type: ignore[return-value]


def out_of_time(seconds: float, *, brakes: Brakes) -> Reason | None:
    """The time for the whole rollout is over. `seconds` are those since it was begun or resumed."""
    if brakes.minutes is None or seconds < brakes.minutes * 60:
        return None
    return Reason(f"the time budget of {brakes.minutes:g} minutes is used up", "`rollout --resume` goes on")
