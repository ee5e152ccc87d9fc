"""Put tags back to the digests of before."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from buildkit.values.errors import BuildkitError, TagMoved
from buildkit.values.rollout import Event

if TYPE_CHECKING:
    from collections.abc import Collection

    from buildkit.edges.journal import Journal
    from buildkit.edges.rollout_display import Display
    from buildkit.edges.rollout_parts import TagParts
    from buildkit.values.plan import PlannedService
    from buildkit.values.rollout import Rollout

# A tag in one of these states stands for what we set, or may do so.
_OURS = frozenset({Event.MOVED, Event.MOVING, Event.RETURNING, Event.NOT_RETURNED})
WORKERS = 8


def put_back(journal: Journal, *, parts: TagParts, waves: Collection[int], display: Display) -> Rollout:
    """Put back every tag of these waves that still stands for what this rollout set; of the others say so.

    Interrupted, it is done again: a tag that is back already stays so.

    Raises:
        BuildkitError: the journal or the lock fails; what concerns one tag only is noted.
    """
    state = journal.state
    assert state is not None
    if state.rollback is None:
        state = journal.append(Event.ROLLBACK, waves=sorted(waves))
    assert state.rollback is not None
    theirs = [
        service
        for number, services in reversed(state.plan.waves)
        if number in state.rollback
        for service in reversed(services)
        if state.services[service.name].last in _OURS
    ]
    display.going_back(state.rollback, count=len(theirs))
    with ThreadPoolExecutor(WORKERS, thread_name_prefix="rollback") as pool:
        # All results are asked for: the first that failed for all of them is raised.
        list(pool.map(lambda service: _one(journal, service, parts=parts, display=display), theirs))
    return journal.append(Event.ROLLBACK_DONE)


def _one(journal: Journal, service: PlannedService, *, parts: TagParts, display: Display) -> None:
    state = journal.state
    assert state is not None
    ours = state.services[service.name].digest
    entry = parts.entries[service.name]
    parts.guard.check()
    journal.append(Event.RETURNING, service=service.name, before=ours, digest=service.digest)
    try:
        now = parts.tags.current(entry)
        if now not in {ours, service.digest}:
            raise TagMoved(f"{entry.image} stands for {now or 'nothing'}, not for what this rollout set")
        if now != service.digest:
            parts.tags.move(entry, to=service.digest, expected=ours)
    except BuildkitError as error:
        hint = error.hint or "somebody pushed it since: leave it, or move it by hand"
        journal.append(Event.NOT_RETURNED, service=service.name, cause=error.message, hint=hint)
    else:
        journal.append(Event.RETURNED, service=service.name, digest=service.digest)
    state = journal.state
    assert state is not None
    display.ended(service, state.services[service.name])
