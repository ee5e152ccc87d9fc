"""Attach to a service's new image what its fleet's policy asks for, with the company's cosign."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import TYPE_CHECKING

from buildkit.decisions import base_version
from buildkit.decisions.finishing import ANNOTATION_REVISION, ANNOTATION_SOURCE
from buildkit.decisions.supply.policy import Keys
from buildkit.edges.supply import attaching, vouching
from buildkit.values.fleet import When
from buildkit.values.package import Origin
from buildkit.values.plan import Action

if TYPE_CHECKING:
    from collections.abc import Mapping

    from buildkit.decisions.catalogue import Catalogue
    from buildkit.edges.documents import Documents
    from buildkit.values.fleet import Fleet, ServiceEntry
    from buildkit.values.oci import Reference
    from buildkit.values.plan import PlannedService


class CompanySealer:
    """Bill of materials, provenance, signature; see edges/rollout_parts.py, `Sealer`.

    Args:
        fleet: whose policy.
        documents: of each registry, by its host.
        catalogue: the known bases.
        builder: who builds, for the provenance.
        cache: directory where what layers said is kept; None for none.

    Raises:
        BadSignature: the policy cannot be kept here.
    """

    def __init__(
        self,
        fleet: Fleet,
        *,
        documents: Mapping[str, Documents],
        catalogue: Catalogue,
        builder: str,
        cache: Path | None,
    ) -> None:
        self._fleet = fleet
        self._documents = documents
        self._catalogue = catalogue
        self._builder = builder
        self._cache = cache
        self._keys = keys(fleet)
        self._required = fleet.policy.signatures is When.REQUIRED
        vouching.check_policy(signatures_required=self._required, keys=self._keys)

    def seal(self, service: PlannedService, *, entry: ServiceEntry, digest: str, how: Action) -> None:
        """Make it ready for its tag (raises BadSignature, RegistryError)."""
        base = self._base(service)
        vouching.check_signature(base, required=self._required, keys=self._keys)
        image = dataclasses.replace(entry.image, tag="", digest=digest)
        vouching.vouch(
            self._documents[image.registry].registry,
            image,
            origin=self._origin(service, image, base=base, how=how),
            keys=self._keys,
            signatures_required=self._required,
            sbom=self._fleet.policy.sbom is not When.OFF,
            cache=self._cache,
        )

    def _base(self, service: PlannedService) -> Reference:
        found = self._catalogue.named(base_version.parse(service.onto))
        assert found is not None  # it was made on it
        return found.reference

    def _origin(self, service: PlannedService, image: Reference, *, base: Reference, how: Action) -> Origin:
        if how is Action.REBASE:
            return Origin("rebase", base=base.name, base_digest=base.digest, before=service.digest)
        registry = self._documents[image.registry].registry
        said = next(attaching.images(registry, image)).manifest.annotations
        return Origin(
            "rebuild",
            base=base.name,
            base_digest=base.digest,
            source=said.get(ANNOTATION_SOURCE, ""),
            commit=said.get(ANNOTATION_REVISION, ""),
            builder=self._builder,
        )


def keys(fleet: Fleet) -> Keys:
    """The policy's keys; files are relative to fleet.toml, a KMS's URI stays as it is."""
    if fleet.policy.signatures is When.OFF:
        return Keys()
    private, public = (
        name if "://" in name or not name else str(Path(fleet.directory) / name)
        for name in (fleet.policy.key, fleet.policy.public_key)
    )
    return Keys(private, public)
