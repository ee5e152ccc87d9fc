"""What does a rollout need from the rest: looking at services, making, verifying, sealing images, moving tags?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping

    from buildkit.values.fleet import ServiceEntry
    from buildkit.values.plan import Action, Found, PlannedService


@dataclass(frozen=True, slots=True)
class Made:
    """An image that was pushed by its digest only. `notes`: what its authors should know."""

    digest: str
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Proof:
    """What verification says of a digest.

    Attributes:
        passed: whether a tag may move to it.
        cause: why not.
        hint: what to do about it.
        attestation: the digest of the statement that was attached to the image; empty if there is none.
        proven: whether it is proven that it carries traces on, and not only that nothing speaks against it.
    """

    passed: bool
    cause: str = ""
    hint: str = ""
    attestation: str = ""
    proven: bool = True


class Surveyor(Protocol):
    """Looks at services, the one place that knows bases."""

    def look(self, entry: ServiceEntry) -> Found:
        """How a service stands; never raises BuildkitError, `Found.failed` tells."""


class Mover(Protocol):
    """Makes a service's image on the new base, and pushes it by digest: no tag moves."""

    def make(self, service: PlannedService, *, entry: ServiceEntry, how: Action) -> Made:
        """Rebase or rebuild it (raises BuildkitError)."""


class Verifier(Protocol):
    """Proves that an image works and is traced."""

    def verify(self, digest: str, *, entry: ServiceEntry) -> Proof:
        """Run it, unless its verdict is known (raises BuildkitError if it cannot be verified at all)."""

    def known(self, digest: str, *, entry: ServiceEntry) -> Proof | None:
        """The verdict of before, without running anything."""


class Sealer(Protocol):
    """Attaches to an image what the fleet's policy asks for, and insists on it."""

    def seal(self, service: PlannedService, *, entry: ServiceEntry, digest: str, how: Action) -> None:
        """Bill of materials, provenance, signature (raises BuildkitError if one is required and missing)."""


class Tags(Protocol):
    """The services' tags."""

    def current(self, entry: ServiceEntry) -> str | None:
        """The digest that a service's tag stands for, None if there is no such tag."""

    def move(self, entry: ServiceEntry, *, to: str, expected: str | None) -> None:
        """Move it, if it still stands for `expected` (raises TagMoved)."""


class Guard(Protocol):
    """The right to move tags: nobody else is rolling out."""

    def check(self) -> None:
        """Raise Busy if the right is lost or cannot be proven any more."""


class Coverage(Protocol):
    """How much of the company's traffic is traced, as its traces tell."""

    def share(self) -> float | None:
        """From 0 to 1; None if it cannot be told now."""


@dataclass(frozen=True, slots=True)
class TagParts:
    """Those that putting tags back needs. `entries` are the fleet's services by name."""

    entries: Mapping[str, ServiceEntry]
    tags: Tags
    guard: Guard


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts(TagParts):
    """All of them. `sealer` is None where nothing is attached to images.

    Without `coverage`, the share of a wave's services whose tracing is proven stands in for it.
    """

    mover: Mover
    verifier: Verifier
    sealer: Sealer | None = None
    coverage: Coverage | None = None
