"""Everything that a rollout works with, opened together and closed together."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from buildkit.edges import environment, fleet
from buildkit.edges.engine import Engine
from buildkit.edges.rollout_company import CompanyMover, CompanyVerifier, site
from buildkit.edges.rollout_parts import Parts, TagParts
from buildkit.edges.rollout_seal import CompanySealer
from buildkit.edges.rollout_survey import known_bases
from buildkit.edges.rollout_tags import RegistryTags
from buildkit.edges.survey import Registries
from buildkit.values.fleet import Fleet, ServiceEntry
from buildkit.values.oci import Reference

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from buildkit.decisions.catalogue import Catalogue
    from buildkit.edges.documents import Documents
    from buildkit.edges.rollout_parts import Guard
    from buildkit.values.plan import PlannedService
    from buildkit.values.settings import Settings


@dataclass(frozen=True, slots=True)
class Scene:
    """A fleet, its registries, its services, and the bases that are known."""

    fleet: Fleet
    registries: Registries
    entries: tuple[ServiceEntry, ...]
    catalogue: Catalogue


@contextmanager
def opened(path: Path, *, settings: Settings) -> Iterator[Scene]:
    """Read the fleet's file, and what the registry knows.

    Raises:
        MissingFile, BadFleetFile: there is no fleet.
        RegistryError: its registry cannot be asked, or has no base.
    """
    chosen = fleet.read(path, company=settings.company)
    with Registries(
        budget=chosen.budget.registry, ca_bundle=settings.ca_bundle, cache=environment.cache_directory()
    ) as registries:
        catalogue = known_bases(chosen, registries=registries)
        entries = fleet.services(chosen, registry=registries.documents(chosen.registry).registry)
        yield Scene(chosen, registries, entries, catalogue)


@contextmanager
def parts(
    scene: Scene, services: Iterable[PlannedService], *, guard: Guard, builder: str, settings: Settings
) -> Iterator[Parts]:
    """Who does the work on these services.

    Raises:
        NoEngine: verification runs services, and there is nothing to run them on.
    """
    entries = _entries(scene, services)
    documents = _documents(scene, entries)
    engine = Engine.connect()
    try:
        yield Parts(
            entries=entries,
            mover=CompanyMover(
                scene.fleet,
                documents=documents,
                catalogue=scene.catalogue,
                site=site(scene.fleet, engine=engine, builder=builder, ca_bundle=settings.ca_bundle),
            ),
            verifier=CompanyVerifier(
                engine, company=scene.fleet.company, documents=documents, catalogue=scene.catalogue
            ),
            tags=RegistryTags({host: each.registry for host, each in documents.items()}),
            guard=guard,
            sealer=CompanySealer(
                scene.fleet,
                documents=documents,
                catalogue=scene.catalogue,
                builder=builder or "the engine's own",
                cache=environment.cache_directory(),
            ),
        )
    finally:
        engine.close()


def tags_only(scene: Scene, services: Iterable[PlannedService], *, guard: Guard) -> TagParts:
    """What a rollback needs: no engine, no builder."""
    entries = _entries(scene, services)
    documents = _documents(scene, entries)
    return TagParts(
        entries=entries,
        tags=RegistryTags({host: each.registry for host, each in documents.items()}),
        guard=guard,
    )


def _entries(scene: Scene, services: Iterable[PlannedService]) -> dict[str, ServiceEntry]:
    """By name. What has left the fleet's file since its plan was made is still carried to its end."""
    entries = {entry.name: entry for entry in scene.entries}
    return {service.name: _former(service) for service in services} | entries


def _documents(scene: Scene, entries: Mapping[str, ServiceEntry]) -> dict[str, Documents]:
    hosts = {scene.fleet.registry, *(entry.image.registry for entry in entries.values())}
    return {host: scene.registries.documents(host) for host in sorted(hosts)}


def _former(service: PlannedService) -> ServiceEntry:
    name, _, tag = service.image.rpartition(":")
    host, _, repository = name.partition("/")
    return ServiceEntry(service.name, Reference(host, repository, tag))
