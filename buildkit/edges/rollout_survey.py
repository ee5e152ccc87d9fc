"""Look at a fleet, and plan what is to be done with it."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import TYPE_CHECKING

from buildkit.decisions import base_version, plan
from buildkit.decisions.found import found, needs_source
from buildkit.edges import bases, rebasing, rebuilding
from buildkit.edges.survey import survey
from buildkit.values.blueprint import Blueprint
from buildkit.values.errors import BuildkitError, RegistryError
from buildkit.values.fleet import Pinned
from buildkit.values.oci import Reference

if TYPE_CHECKING:
    from collections.abc import Sequence

    from buildkit.decisions.catalogue import Catalogue
    from buildkit.edges.survey import Registries
    from buildkit.values.fleet import Fleet, ServiceEntry
    from buildkit.values.known_base import KnownBase
    from buildkit.values.plan import Found, Plan


def known_bases(fleet: Fleet, *, registries: Registries) -> Catalogue:
    """All releases of the fleet's base (raises NotInRegistry if there is none, other RegistryErrors)."""
    documents = registries.documents(fleet.registry)
    return bases.read(documents, Reference(fleet.registry, fleet.base), company=fleet.company)


def planned(
    fleet: Fleet,
    entries: Sequence[ServiceEntry],
    *,
    registries: Registries,
    catalogue: Catalogue,
    onto: str = "",
) -> Plan:
    """What is to be done with these services. A service that cannot be looked at is blocked, and the others go on.

    Args:
        fleet: waves, budgets, directory.
        entries: the services.
        registries: where they are.
        catalogue: the known bases.
        onto: the version to go to; empty for the newest.

    Raises:
        Misuse: `onto` is no version.
        NotInRegistry: there is no such release.
    """
    target = rebasing.release(catalogue, base_version.parse(onto)) if onto else None
    rows = survey(entries, registries=registries, catalogue=catalogue, fleet=fleet)
    seen = [found(row, catalogue=catalogue, onto=target) for row in rows]
    by_name = {entry.name: entry for entry in entries}
    looked = [
        _with_source(
            each, by_name[each.name], fleet=fleet, registries=registries, catalogue=catalogue, onto=target
        )
        if needs_source(each)
        else each
        for each in seen
    ]
    newest = sorted({each.newest for each in looked if each.newest}) or [str(catalogue.bases[0].version)]
    return plan.plan(looked, onto=", ".join(newest), entries=by_name, sizes=fleet.waves)


def blueprint(entry: ServiceEntry) -> Blueprint:
    """What a service is built from."""
    return Blueprint(
        source=entry.source,
        dockerfile=entry.dockerfile,
        target=entry.target,
        build_args=entry.build_args,
        platforms=entry.platforms,
        service=entry.name,
        move_pinned=entry.pinned is Pinned.MOVE,
    )


def _with_source(
    seen: Found,
    entry: ServiceEntry,
    *,
    fleet: Fleet,
    registries: Registries,
    catalogue: Catalogue,
    onto: KnownBase | None,
) -> Found:
    """The same with what its Dockerfile says that it stands on."""
    base = Reference(fleet.registry, fleet.base)
    try:
        footing = rebuilding.look(blueprint(entry), base=base, directory=Path(fleet.directory))
    except BuildkitError as error:
        return dataclasses.replace(seen, footing=f"its source cannot be used: {error.message}")
    if not footing.on_base:
        return dataclasses.replace(seen, footing=footing.reason)
    if footing.pinned and entry.pinned is not Pinned.MOVE:
        return dataclasses.replace(seen, footing=f"its Dockerfile pins the base to {footing.digest[:19]}")
    if onto is not None:
        return seen
    chosen = _followed(footing.tag, fleet=fleet, registries=registries, catalogue=catalogue)
    return dataclasses.replace(seen, newest=str(chosen.version)) if chosen else seen


def _followed(tag: str, *, fleet: Fleet, registries: Registries, catalogue: Catalogue) -> KnownBase | None:
    """The newest release for the Python that a Dockerfile's tag follows: `latest` may be another than before."""
    try:
        there = registries.documents(fleet.registry).registry.head(fleet.base, tag)
    except RegistryError:
        there = None
    digest = there.digest if there else ""
    followed = next((base for base in catalogue.bases if base.digest == digest), catalogue.bases[0])
    return catalogue.newest(followed.python)
