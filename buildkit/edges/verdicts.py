"""Which verdicts are attached to an image, and how does a new one get there?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from buildkit.decisions import attestation
from buildkit.edges import environment
from buildkit.edges.cache_files import CacheFiles
from buildkit.values.errors import BadManifest, NotInRegistry
from buildkit.values.oci import Manifest

if TYPE_CHECKING:
    from pathlib import Path

    from buildkit.edges.registry import Registry
    from buildkit.values.oci import Descriptor
    from buildkit.values.verification import Verification


def attached(registry: Registry, repository: str, digest: str) -> tuple[Verification, ...]:
    """All verdicts on an image that can be read, in no order; damaged ones do not count.

    Raises:
        RegistryError: the registry fails.
    """
    found = (
        _read(registry, repository, digest, each)
        for each in registry.referrers(repository, digest, artifact_type=attestation.ARTIFACT_TYPE)
        # An older registry, or another tool's list, may leave the annotations out.
        if each.annotations.get(attestation.KIND, attestation.PREDICATE) == attestation.PREDICATE
    )
    return tuple(each for each in found if each is not None)


def last(registry: Registry, repository: str, digest: str) -> Verification | None:
    """The last word on an image, None if there is none (raises RegistryError)."""
    return attestation.latest(attached(registry, repository, digest))


def attach(registry: Registry, repository: str, subject: Descriptor, found: Verification) -> str:
    """Attach a verdict to its image, and return the artifact's digest (raises RegistryError)."""
    name = registry.attach(
        repository,
        subject,
        attestation.write(found),
        artifact_type=attestation.ARTIFACT_TYPE,
        media_type=attestation.MEDIA_TYPE,
        annotations=attestation.listed(found),
    )
    Notes(environment.cache_directory()).forget(registry, repository, subject.digest)
    return name


class Notes:
    """What the last verdicts said of bypasses, for a while: whoever looks at a whole fleet may look again soon.

    What is attached from this machine counts at once; a verdict from another may go unseen for that while.

    Args:
        directory: where they are kept; None for nowhere.
        seconds: for how long; 0 asks the registry always.
    """

    def __init__(self, directory: Path | None, *, seconds: float = 0.0) -> None:
        self._files = CacheFiles(directory, kind="verdicts")
        self._seconds = seconds

    def bypass(self, registry: Registry, repository: str, digest: str) -> str:
        """Why an image is not traced although it stands on the base; empty if no verdict says that it is not.

        Raises:
            RegistryError: the registry fails.
        """
        name = f"{registry.host}/{repository}@{digest}"
        kept = self._files.read(name, seconds=self._seconds)
        if kept is not None:
            return kept.decode(errors="replace")
        verdict = last(registry, repository, digest)
        said = verdict.bypass if verdict is not None else ""
        self._files.write(name, said.encode())
        return said

    def forget(self, registry: Registry, repository: str, digest: str) -> None:
        self._files.forget(f"{registry.host}/{repository}@{digest}")


def _read(registry: Registry, repository: str, digest: str, entry: Descriptor) -> Verification | None:
    try:
        manifest = registry.get(repository, entry.digest)
        if not isinstance(manifest, Manifest) or len(manifest.layers) != 1:
            return None
        raw = registry.blob(repository, manifest.layers[0].digest)
    except (NotInRegistry, BadManifest):
        return None  # swept away, while the list still names it
    return attestation.read(raw, digest=digest, attestation=entry.digest)
