"""How do many services stand? Each is looked at by itself: one that cannot be read stops nothing."""

from __future__ import annotations

import dataclasses
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from buildkit.decisions.stand import stand
from buildkit.edges import services, source_pins, verdicts
from buildkit.edges.documents import Documents
from buildkit.edges.registry import Registry
from buildkit.values.errors import BuildkitError, NotInRegistry
from buildkit.values.status import StatusRow

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path
    from types import TracebackType
    from typing import Self

    from buildkit.decisions.catalogue import Catalogue
    from buildkit.values.fleet import Fleet, ServiceEntry
    from buildkit.values.stand import ServiceAt


class Registries:
    """The registries of a run, each with its documents; a connection to one is made when it is first named.

    Args:
        budget: how many requests may be under way at once to each.
        ca_bundle: certificates to trust besides the system's.
        cache: where copies of documents are kept; None for nowhere.
    """

    def __init__(self, *, budget: int, ca_bundle: Path | None, cache: Path | None) -> None:
        self._budget = budget
        self._ca_bundle = ca_bundle
        self.cache = cache
        self._known: dict[str, Documents] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for documents in self._known.values():
            documents.registry.close()

    def documents(self, host: str) -> Documents:
        """Call it from one thread."""
        if host not in self._known:
            registry = Registry.connect(host, budget=self._budget, ca_bundle=self._ca_bundle)
            self._known[host] = Documents(registry, directory=self.cache)
        return self._known[host]


def survey(
    entries: Iterable[ServiceEntry],
    *,
    registries: Registries,
    catalogue: Catalogue,
    fleet: Fleet,
    verdict_age: float = 0.0,
    on_row: Callable[[StatusRow], None] | None = None,
) -> tuple[StatusRow, ...]:
    """Look at every service, as many at once as the fleet's budget allows.

    Args:
        entries: the services.
        registries: where they are.
        catalogue: the known bases.
        fleet: its directory, base and budget.
        verdict_age: how many seconds old an answer may be as to what the last verdict says; 0 asks anew.
        on_row: called with each row as it comes, from any thread.
    """
    notes = verdicts.Notes(registries.cache, seconds=verdict_age)
    todo = [(entry, registries.documents(entry.image.registry)) for entry in entries]

    def one(work: tuple[ServiceEntry, Documents]) -> StatusRow:
        row = _row(work[0], documents=work[1], catalogue=catalogue, fleet=fleet, notes=notes)
        if on_row is not None:
            on_row(row)
        return row

    with ThreadPoolExecutor(max(1, fleet.budget.registry)) as pool:
        return tuple(pool.map(one, todo))


def _row(
    entry: ServiceEntry, *, documents: Documents, catalogue: Catalogue, fleet: Fleet, notes: verdicts.Notes
) -> StatusRow:
    pin, note = source_pins.pin(entry, fleet=fleet)
    try:
        at = services.look(documents, entry.image, base=fleet.base)
        bypass = _bypass(at, documents=documents, catalogue=catalogue, notes=notes)
    except BuildkitError as error:
        return StatusRow(entry, error=str(error), missing=isinstance(error, NotInRegistry), note=note)
    at = dataclasses.replace(at, pin=pin or at.pin, bypass=bypass)
    return StatusRow(entry, at=at, stand=stand(at, catalogue=catalogue), note=note)


def _bypass(at: ServiceAt, *, documents: Documents, catalogue: Catalogue, notes: verdicts.Notes) -> str:
    """Why it is not traced although it stands on the base, as the last verdict on its digest says; else empty."""
    if not any(catalogue.find(image.config) for image in at.images):
        return ""
    return notes.bypass(documents.registry, at.reference.repository, at.digest)
