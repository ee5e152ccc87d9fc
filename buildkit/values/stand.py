"""Where does a service stand: on which release of the base, and how far behind the newest?"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from buildkit.values.base_version import BaseVersion
    from buildkit.values.known_base import BaseImage, KnownBase
    from buildkit.values.oci import Image, Index, Manifest, Platform, Reference


class Kind(StrEnum):
    """How a service stands; the worst first."""

    NOT_ON_BASE = "not-on-base"
    BYPASSED = "bypassed"
    PINNED = "pinned"
    BEHIND = "behind"
    CURRENT = "current"

    @property
    def rank(self) -> int:
        """For sorting: the worst first."""
        return list(Kind).index(self)


@dataclass(frozen=True, slots=True)
class ServiceAt:
    """A service's image as it lies in a registry, with all of its platforms.

    Attributes:
        reference: what was asked for.
        document: what that name led to.
        images: the images in it, one for each platform.
        pin: the base that it is bound to by digest, as its Dockerfile or its annotation says; empty if it is not.
        bypass: why it is not traced although it is on the base, as the last verdict on this digest says.
    """

    reference: Reference
    document: Manifest | Index
    images: tuple[Image, ...]
    pin: str = ""
    bypass: str = ""

    @property
    def digest(self) -> str:
        return self.document.digest


@dataclass(frozen=True, slots=True)
class Match:
    """A known base that an image begins with."""

    base: KnownBase
    image: BaseImage


@dataclass(frozen=True, slots=True)
class Stand:
    """How an image stands.

    Attributes:
        kind: in one word.
        reason: in one sentence, with how it is known.
        base: the release that it stands on; None if it stands on none.
        newest: the newest release that it could follow; None if there is none.
        releases: how many releases lie between.
        days: how many days lie between those releases.
        warning: that the support of its base ends; empty if there is nothing to warn of.
        platforms: how each platform stands, if there are several.
    """

    kind: Kind
    reason: str
    base: BaseVersion | None = None
    newest: BaseVersion | None = None
    releases: int = 0
    days: int = 0
    warning: str = ""
    platforms: tuple[tuple[Platform, Stand], ...] = ()
