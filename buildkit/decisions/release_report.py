"""How does a release read, for people and for programs?"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from buildkit.values.release import Outcome


def lines(outcomes: Sequence[Outcome], *, notes: str, dry: bool) -> Iterator[str]:
    """For people: each version with its tags, then what is new in it."""
    for outcome in outcomes:
        candidate = outcome.candidate
        what = ("would be released" if dry else "released") if candidate.is_new else "is released already"
        digest = f"  {candidate.target.digest}" if candidate.target else ""
        yield f"{candidate.version}  {what}, supported until {outcome.support.until}{digest}"
        for move in outcome.moves:
            verb = ("would move" if dry else "moved") if move.moves else "kept"
            yield f"  {move.tag:<12} {verb}: {move.why}"
        if outcome.support.warning:
            yield f"  warning: {outcome.support.warning}"
    if nothing_new(outcomes):
        yield "nothing to release: every base is what it was"
    else:
        yield ""
        yield "What is new:"
        yield ""
        yield from notes.splitlines()


def nothing_new(outcomes: Sequence[Outcome]) -> bool:
    return not any(outcome.candidate.is_new for outcome in outcomes)


def as_json(outcomes: Sequence[Outcome], *, repository: str) -> str:
    """For programs."""
    return json.dumps(
        {"repository": repository, "releases": [_document(outcome) for outcome in outcomes]}, indent=2
    )


def _document(outcome: Outcome) -> dict[str, Any]:
    candidate = outcome.candidate
    return {
        "version": str(candidate.version),
        "digest": candidate.target.digest if candidate.target else None,
        "new": candidate.is_new,
        "released": candidate.released.isoformat(),
        "supported_until": outcome.support.until.isoformat(),
        "support": str(outcome.support.phase),
        "tags": [{"tag": move.tag, "moves": move.moves, "why": move.why} for move in outcome.moves],
    }
