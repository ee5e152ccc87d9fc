"""What does a look at a service mean for its plan?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from buildkit.decisions import platforms, rebase_plan, status_rows
from buildkit.values.fleet import Pinned
from buildkit.values.oci import Platform
from buildkit.values.plan import Found, Where
from buildkit.values.reason import Reason
from buildkit.values.stand import Kind

if TYPE_CHECKING:
    from buildkit.decisions.catalogue import Catalogue
    from buildkit.values.known_base import KnownBase
    from buildkit.values.stand import ServiceAt, Stand
    from buildkit.values.status import StatusRow

_HINTS = {
    Kind.NOT_ON_BASE: "let its last stage say FROM the base",
    Kind.BYPASSED: "let it start as the base's image does, then push it",
}


def found(row: StatusRow, *, catalogue: Catalogue, onto: KnownBase | None) -> Found:
    """All that a plan is made from.

    Args:
        row: how the service stands.
        catalogue: the known bases.
        onto: the release that was asked for; None for the newest for the service's Python.
    """
    name, image = row.entry.name, str(row.entry.image)
    has_source = bool(row.entry.source)
    if row.stand is None or row.at is None:
        text, _, hint = row.error.rpartition("; ")
        return Found(name, image, Where.UNKNOWN, Reason(text or hint, hint if text else ""), failed=True)
    stand, at = row.stand, row.at
    goal = onto or rebase_plan.goal(at, catalogue=catalogue)
    missing = _missing(row.entry.platforms, at)
    if missing:
        reason = Reason(f"its image has no {', '.join(missing)}", "push it for all of its platforms")
        return Found(name, image, Where.UNKNOWN, reason, digest=at.digest, failed=True)
    where = _where(stand, at, catalogue=catalogue, onto=onto)
    return Found(
        name=name,
        image=image,
        where=where,
        reason=Reason(_said(stand, where), _HINTS.get(stand.kind, "")),
        digest=at.digest,
        version=str(stand.base) if stand.base else "",
        newest=str(goal.version) if goal else "",
        blockers=()
        if where in {Where.CURRENT, Where.NOT_ON_BASE}
        else rebase_plan.blockers(at, catalogue=catalogue, onto=goal),
        source=has_source,
        may_move=row.entry.pinned is Pinned.MOVE,
        warning=stand.warning,
    )


def needs_source(found: Found) -> bool:
    """Whether the plan hangs on what its Dockerfile says."""
    if not found.source:
        return False
    return found.where is Where.NOT_ON_BASE or bool(found.blockers)


def _missing(wanted: tuple[str, ...], at: ServiceAt) -> list[str]:
    has = {platforms.normal(image.config.platform) for image in at.images}
    return sorted(text for text in wanted if platforms.normal(_platform(text)) not in has)


def _platform(text: str) -> Platform:
    os, architecture, *variant = text.split("/")
    return Platform(os, architecture, *variant)


def _where(stand: Stand, at: ServiceAt, *, catalogue: Catalogue, onto: KnownBase | None) -> Where:
    if onto is None or stand.kind in {Kind.NOT_ON_BASE, Kind.BYPASSED}:
        return Where(stand.kind.value)
    below = [catalogue.find(image.config) for image in at.images]
    if all(match is not None and match.base.version == onto.version for match in below):
        return Where.CURRENT
    return Where.PINNED if at.pin else Where.BEHIND


def _said(stand: Stand, where: Where) -> str:
    lag = status_rows.lag(stand)
    if where is Where.BEHIND and lag:
        return f"{lag} behind"
    return f"{stand.reason}, {lag} behind" if where is Where.PINNED and lag else stand.reason
