"""In which order, and in which words, is told how services stand?"""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING, Any

from buildkit.values.stand import Kind

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from buildkit.decisions.catalogue import Catalogue
    from buildkit.values.fleet import Fleet
    from buildkit.values.known_base import KnownBase
    from buildkit.values.stand import Stand
    from buildkit.values.status import StatusRow


def ordered(rows: Iterable[StatusRow]) -> tuple[StatusRow, ...]:
    """What failed first, then the worst, then those that are furthest behind, then by name."""

    def key(row: StatusRow) -> tuple[int, int, str]:
        if row.stand is None:
            return (-1, 0, row.entry.name)
        return (row.stand.kind.rank, -row.stand.releases, row.entry.name)

    return tuple(sorted(rows, key=key))


def without_strangers(rows: Iterable[StatusRow], *, fleet: Fleet) -> tuple[tuple[StatusRow, ...], str]:
    """The rows without discovered repositories that do not have the fleet's tag, and a line that names those.

    A registry also has what is no service of the fleet; only who is named in the file is missed.
    """
    named = frozenset(entry.name for entry in fleet.services)
    rows = tuple(rows)
    strangers = [row for row in rows if row.missing and row.entry.name not in named]
    kept = tuple(row for row in rows if not row.missing or row.entry.name in named)
    if not strangers:
        return kept, ""
    names = sorted(row.entry.image.repository for row in strangers)
    shown = ", ".join(names[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")
    return kept, f"no tag {fleet.tag}, so no services of this fleet: {shown}"


def lag(stand: Stand) -> str:
    """How far behind, in words; empty for what is not."""
    if not stand.releases:
        return ""
    releases = "1 release" if stand.releases == 1 else f"{stand.releases} releases"
    days = "1 day" if stand.days == 1 else f"{stand.days} days"
    return f"{releases}, {days}"


def remarks(row: StatusRow) -> str:
    """How it is known where it stands, or why not, and what there is to be warned of."""
    if row.stand is None:
        return row.error
    # What a table's other columns say need not be said again.
    bases = {each.base for _, each in row.stand.platforms}
    plain = row.stand.kind in {Kind.CURRENT, Kind.BEHIND} and len(bases) <= 1
    said = ("" if plain else row.stand.reason, row.stand.warning, row.note)
    return "; ".join(text for text in said if text)


def lines(rows: Sequence[StatusRow]) -> tuple[str, ...]:
    """A table for a pipe or a log: a line for each service, in columns, however long."""
    cells = [("Service", "Stands", "On base", "Behind", "Remarks"), *(_cells(row) for row in rows)]
    widths = [max(len(line[column]) for line in cells) for column in range(4)]
    return tuple(
        "  ".join(
            [*(cell.ljust(width) for cell, width in zip(line, widths, strict=False)), line[-1]]
        ).rstrip()
        for line in cells
    )


def _cells(row: StatusRow) -> tuple[str, ...]:
    if row.stand is None:
        return (row.entry.name, "error", "", "", remarks(row))
    base = str(row.stand.base) if row.stand.base else ""
    return (row.entry.name, row.stand.kind.value, base, lag(row.stand), remarks(row))


def summary(rows: Sequence[StatusRow]) -> str:
    """The last line."""
    if not rows:
        return "no services"
    counted = Counter(row.stand.kind for row in rows if row.stand is not None)
    parts = [f"{counted[kind]} {kind.value}" for kind in reversed(Kind) if counted[kind]]
    if unread := sum(row.stand is None for row in rows):
        parts.append(f"{unread} could not be read")
    services = "1 service" if len(rows) == 1 else f"{len(rows)} services"
    return f"{services}: {', '.join(parts)}"


def exit_code(rows: Iterable[StatusRow]) -> int:
    """1 if something could not be read; how services stand is not a failure of the question."""
    return int(any(row.stand is None for row in rows))


def as_json(rows: Sequence[StatusRow], *, catalogue: Catalogue, problems: Sequence[str] = ()) -> str:
    """For a program; its members are documented in buildkit/README.md."""
    counted = Counter(row.stand.kind.value if row.stand is not None else "error" for row in rows)
    document = {
        "base": catalogue.bases[0].reference.name if catalogue.bases else "",
        "releases": [_release(base) for base in catalogue.bases],
        "problems": list(problems),
        "services": [_row(row) for row in rows],
        "summary": {"services": len(rows), **dict(sorted(counted.items()))},
    }
    return json.dumps(document, indent=2, ensure_ascii=False)


def _release(base: KnownBase) -> dict[str, Any]:
    return {
        "version": str(base.version),
        "digest": base.digest,
        "released": base.released.isoformat(),
        "supported_until": base.support.until.isoformat() if base.support else None,
        "platforms": [str(platform) for platform in base.platforms],
    }


def _row(row: StatusRow) -> dict[str, Any]:
    document: dict[str, Any] = {
        "name": row.entry.name,
        "image": str(row.entry.image),
        "digest": row.at.digest if row.at is not None else None,
    }
    if row.stand is None:
        return {**document, "kind": "error", "error": row.error}
    document |= _stand(row.stand)
    if row.stand.platforms:
        document["platforms"] = [
            {"platform": str(platform), **_stand(each)} for platform, each in row.stand.platforms
        ]
    if row.note:
        document["note"] = row.note
    return document


def _stand(stand: Stand) -> dict[str, Any]:
    return {
        "kind": stand.kind.value,
        "reason": stand.reason,
        "base": str(stand.base) if stand.base else None,
        "newest": str(stand.newest) if stand.newest else None,
        "releases_behind": stand.releases,
        "days_behind": stand.days,
        "warning": stand.warning,
    }
