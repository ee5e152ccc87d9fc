"""Do a rollout's work with the real parts: registry, engine, builder, verifier."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import TYPE_CHECKING

from buildkit.decisions import attestation, base_version, single
from buildkit.edges import rebasing, rebuilding, verdicts
from buildkit.edges.rollout_parts import Made, Proof
from buildkit.edges.rollout_survey import blueprint
from buildkit.edges.verification import Verifier
from buildkit.values.check import Outcome
from buildkit.values.errors import NotInRegistry
from buildkit.values.plan import Action

if TYPE_CHECKING:
    from collections.abc import Mapping

    from buildkit.decisions.catalogue import Catalogue
    from buildkit.edges.documents import Documents
    from buildkit.edges.engine import Engine
    from buildkit.values.fleet import Fleet, ServiceEntry
    from buildkit.values.known_base import KnownBase
    from buildkit.values.oci import Reference
    from buildkit.values.plan import PlannedService
    from buildkit.values.verification import Verification


class CompanyMover:
    """Rebases in the registry, and rebuilds by the company's builder; see edges/rollout_parts.py, `Mover`.

    Args:
        fleet: where the base and the sources are.
        documents: of each registry, by its host.
        catalogue: the known bases.
        site: where builds are made.
    """

    def __init__(
        self,
        fleet: Fleet,
        *,
        documents: Mapping[str, Documents],
        catalogue: Catalogue,
        site: rebuilding.Site,
    ) -> None:
        self._fleet = fleet
        self._documents = documents
        self._catalogue = catalogue
        self._site = site

    def make(self, service: PlannedService, *, entry: ServiceEntry, how: Action) -> Made:
        """Push the service's image on its new base by digest (raises BuildkitError)."""
        base = self._base(service.onto)
        documents = self._documents[entry.image.registry]
        if how is Action.REBASE:
            rebased = rebasing.rebase(
                documents.registry,
                _exact(entry, service.digest),
                bases=self._catalogue,
                onto=base,
                documents=documents,
                source=self._documents[self._fleet.registry].registry,
            )
            return Made(rebased.digest, (*(str(conflict) for conflict in rebased.conflicts), *rebased.notes))
        rebuilt = rebuilding.rebuild(
            documents.registry,
            blueprint(entry),
            base=base.reference,
            repository=entry.image.repository,
            site=self._site,
            current=service.digest,
        )
        notes = (f"built from commit {rebuilt.commit}",) if rebuilt.commit else ()
        return Made(rebuilt.reference.digest, notes)

    def _base(self, version: str) -> KnownBase:
        found = self._catalogue.named(base_version.parse(version))
        if found is None:
            raise NotInRegistry(
                f"base {version} is gone from the registry", hint="plan anew: `rollout --fresh`"
            )
        return found


class CompanyVerifier:
    """Runs images on the engine and keeps their verdicts in the registry; see edges/rollout_parts.py, `Verifier`.

    Args:
        engine: runs them.
        company: as in the base's labels.
        documents: of each registry, by its host.
        catalogue: the known bases; their layers prove what stands on them.
    """

    def __init__(
        self, engine: Engine, *, company: str, documents: Mapping[str, Documents], catalogue: Catalogue
    ) -> None:
        self._documents = documents
        layers = single.known_images(catalogue)
        self._verifiers = {
            host: Verifier(engine, registry=each.registry, company=company, bases=layers)
            for host, each in documents.items()
        }

    def verify(self, digest: str, *, entry: ServiceEntry) -> Proof:
        """Run it, unless it has a good verdict already (raises BuildkitError)."""
        verifier = self._verifiers[entry.image.registry]
        return _proof(verifier.verify(_exact(entry, digest), probe=single.probe_of(entry)))

    def known(self, digest: str, *, entry: ServiceEntry) -> Proof | None:
        """The last verdict of the same checks in the same way."""
        registry = self._documents[entry.image.registry].registry
        settings = attestation.settings(single.probe_of(entry))
        found = [
            each
            for each in verdicts.attached(registry, entry.image.repository, digest)
            if each.settings == settings
        ]
        last = attestation.latest(found)
        return _proof(last) if last else None


def site(fleet: Fleet, *, engine: Engine, builder: str, ca_bundle: Path | None) -> rebuilding.Site:
    """Where builds are made."""
    return rebuilding.Site(
        engine=engine, builder=builder, ca_bundle=ca_bundle, directory=Path(fleet.directory)
    )


def _proof(found: Verification) -> Proof:
    hint = next((check.hint for check in found.failures if check.hint), "")
    return Proof(
        passed=found.passed,
        cause=found.bypass or found.cause,
        hint=hint,
        attestation=found.attestation,
        proven=all(check.outcome is Outcome.PASS for check in found.checks),
    )


def _exact(entry: ServiceEntry, digest: str) -> Reference:
    return dataclasses.replace(entry.image, tag="", digest=digest)
