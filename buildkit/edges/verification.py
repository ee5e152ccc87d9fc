"""Is the image behind a digest fit to be promoted? It is pulled, run, asked, and given its verdict."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from buildkit.decisions import attestation, single
from buildkit.edges import progress, verdicts
from buildkit.edges.borrowed_images import BorrowedImages
from buildkit.edges.examiner import Examiner
from buildkit.values.errors import NotInRegistry

if TYPE_CHECKING:
    from collections.abc import Sequence

    from buildkit.edges.engine import Engine
    from buildkit.edges.progress import Step
    from buildkit.edges.registry import Registry
    from buildkit.values.oci import Descriptor, Reference
    from buildkit.values.service import ServiceImage
    from buildkit.values.service_probe import ServiceProbe
    from buildkit.values.verification import Verification


class Verifier:
    """Verifies images of one registry; threads may share it.

    Args:
        engine: runs them.
        registry: has them, and keeps the verdicts.
        company: in the base's labels, and in those of what we make.
        bases: the base images whose layers are known; without the right one, labels and files are believed.
        fresh: whether to look again at what has a verdict already.
    """

    def __init__(
        self,
        engine: Engine,
        *,
        registry: Registry,
        company: str,
        bases: Sequence[ServiceImage] = (),
        fresh: bool = False,
    ) -> None:
        self._registry = registry
        self._fresh = fresh
        self._images = BorrowedImages(engine.client)
        self._examiner = Examiner(engine, company=company, bases=bases)
        self._platform = str(engine.platform)

    def verify(
        self, reference: Reference, *, probe: ServiceProbe, step: Step = progress.silently
    ) -> Verification:
        """The verdict on an image: one that is attached and still good, else a new one, which is then attached.

        Args:
            reference: a digest; or a tag, which is resolved once.
            probe: how to start and ask the service.
            step: shows progress.

        Raises:
            NotInRegistry: there is no such image.
            RegistryError: the registry fails.
            CommandFailed: the engine fails, or cannot pull it; or `abort` was called.
        """
        subject = self._subject(reference)
        known = () if self._fresh else verdicts.attached(self._registry, reference.repository, subject.digest)
        last = attestation.latest(known)
        reused = attestation.reusable(known, probe=probe, platform=self._platform)
        if reused is not None:
            return dataclasses.replace(reused, image=reference.name)
        exact = dataclasses.replace(reference, tag="", digest=subject.digest)
        with self._images.image(exact, step=step) as image:
            evidence = self._examiner.examine(image, probe=probe, step=step)
        found = single.verification(
            evidence,
            image=exact.name,
            digest=exact.digest,
            asked=probe,
            platform=self._platform,
            time=datetime.now(UTC),
        )
        if last is not None and attestation.says_the_same(found, last):
            # A service that fails every night would collect a verdict a night.
            return dataclasses.replace(found, attestation=last.attestation)
        attached = verdicts.attach(self._registry, exact.repository, subject, found)
        return dataclasses.replace(found, attestation=attached)

    def abort(self) -> None:
        """Let all verifications that are under way end now, without a verdict."""
        self._examiner.abort()

    def _subject(self, reference: Reference) -> Descriptor:
        found = self._registry.head(reference.repository, reference.version)
        if found is None:
            raise NotInRegistry(f"there is no {reference}", hint="build and push it first")
        return found


def verify_image(
    engine: Engine,
    reference: Reference,
    *,
    probe: ServiceProbe,
    company: str,
    registry: Registry,
    bases: Sequence[ServiceImage] = (),
    fresh: bool = False,
) -> Verification:
    """As `Verifier.verify`, for a single image."""
    verifier = Verifier(engine, registry=registry, company=company, bases=bases, fresh=fresh)
    return verifier.verify(reference, probe=probe)
