"""How is a rollout's news told in a line?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from buildkit.values.rollout import Event

if TYPE_CHECKING:
    from buildkit.values.plan import PlannedService
    from buildkit.values.rollout import Progress


def wave_line(number: int, *, size: int, left: int) -> str:
    """How a wave begins."""
    services = f"{size} service{'s' if size != 1 else ''}"
    return f"wave {number}: {services}" + (f", {left} left" if left < size else "")


def outcome_line(service: PlannedService, progress: Progress) -> str:
    """What became of a service; empty if nothing did."""
    seconds = f" ({progress.seconds:.1f} s)"
    match progress.last:
        case Event.MOVED:
            how = "rebuilt" if progress.how == "rebuild" else "rebased"
            onto = (
                f"from {service.version} onto {service.onto}" if service.version else f"onto {service.onto}"
            )
            return f"{service.name}: {how} {onto}, verified, its tag moved{seconds}"
        case Event.KEPT:
            return f"{service.name}: nothing to do, the result is what its tag stands for{seconds}"
        case Event.FAILED:
            hint = f"; {progress.hint}" if progress.hint else ""
            return f"{service.name}: FAILED, keeps its tag: {progress.cause}{hint}{seconds}"
        case Event.RETURNED:
            return f"{service.name}: its tag is back at {service.digest[:19]}"
        case Event.NOT_RETURNED:
            return f"{service.name}: NOT put back: {progress.cause}; {progress.hint}"
        case _:
            return ""


def pace(done: int, *, seconds: float, left: int) -> str:
    """How fast it goes, and how long the rest takes at that pace; empty before there is one."""
    if done <= 0 or seconds <= 0:
        return ""
    rate = done / seconds
    per = f"{rate:.1f} a second" if rate >= 1 else f"{60 * rate:.1f} a minute"
    return f"{per}, {_span(left / rate)} left" if left > 0 else per


def _span(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours} h {minutes:02d} min"
    return f"{minutes} min {rest:02d} s" if minutes else f"{rest} s"
