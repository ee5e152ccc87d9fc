"""What is to be done with each service: keep, rebase, rebuild, or nothing because it is blocked?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from buildkit.decisions import waves
from buildkit.values.plan import Action, Found, Plan, PlannedService, Where
from buildkit.values.reason import Reason

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from buildkit.values.fleet import ServiceEntry, Waves


def plan(found: Iterable[Found], *, onto: str, entries: Mapping[str, ServiceEntry], sizes: Waves) -> Plan:
    """Decide about every service, and put those that move into waves.

    Args:
        found: the services in the fleet's order.
        onto: how the base that they are put on is called.
        entries: the services' entries by name; their waves and tiers.
        sizes: how large the waves are.
    """
    decided = [(each, *decide(each)) for each in found]
    moving = [entries[each.name] for each, action, _ in decided if action.moves]
    numbers = waves.assign(moving, sizes=sizes)
    return Plan(
        onto=onto,
        services=tuple(
            PlannedService(
                name=each.name,
                image=each.image,
                action=action,
                reasons=reasons,
                digest=each.digest,
                version=each.version,
                onto=each.newest if action.moves else "",
                source=each.source and not each.footing,
                wave=numbers.get(each.name, 0),
                failed=each.failed,
            )
            for each, action, reasons in decided
        ),
    )


def decide(found: Found) -> tuple[Action, tuple[Reason, ...]]:
    """What to do with one service, and why."""
    match found.where:
        case Where.CURRENT:
            return Action.KEEP, (found.reason,)
        case Where.UNKNOWN:
            return Action.BLOCKED, (found.reason,)
        case Where.BYPASSED:
            # The same digest would be bypassed on the new base as well. Its authors' next build has another digest.
            return Action.BLOCKED, (found.reason,)
        case Where.PINNED if not found.may_move:
            return Action.BLOCKED, (_pinned(found),)
        case Where.NOT_ON_BASE:
            return _not_on_base(found)
        case _:
            return _behind(found)


def _pinned(found: Found) -> Reason:
    return Reason(found.reason.text, found.reason.hint or 'name the base by its tag, or set pinned = "move"')


def _not_on_base(found: Found) -> tuple[Action, tuple[Reason, ...]]:
    """Nothing to exchange; but its source may have come to stand on the base since."""
    if found.source and not found.footing:
        return Action.REBUILD, (found.reason, Reason("its Dockerfile does stand on the base"))
    if found.source:
        return Action.BLOCKED, (Reason(f"{found.reason}; {found.footing}", found.reason.hint),)
    return Action.BLOCKED, (found.reason,)


def _behind(found: Found) -> tuple[Action, tuple[Reason, ...]]:
    if not found.blockers:
        return Action.REBASE, (found.reason,)
    if found.source and not found.footing:
        return Action.REBUILD, (found.reason, *found.blockers)
    why = found.footing or "there is no source to rebuild it from"
    return Action.BLOCKED, (
        *found.blockers,
        Reason(why, "name its source in fleet.toml" if not found.source else ""),
    )
