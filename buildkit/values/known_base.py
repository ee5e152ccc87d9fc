"""What do we know of a release of the base that lies in a registry?"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping

    from buildkit.values.base_version import BaseVersion
    from buildkit.values.oci import ImageConfig, Manifest, Platform, Reference
    from buildkit.values.support import Support


@dataclass(frozen=True, slots=True)
class BaseImage:
    """A release of the base on one platform."""

    platform: Platform
    manifest: Manifest
    config: ImageConfig


@dataclass(frozen=True, slots=True)
class KnownBase:
    """A release of the base.

    Attributes:
        version: which one.
        reference: where it is, with the digest of its index, or of its manifest if it has only one platform.
        platforms: its image on each platform.
        released: when, with a time zone.
        support: until when it is supported, seen from today; None if nobody has said rules.
    """

    version: BaseVersion
    reference: Reference
    platforms: Mapping[Platform, BaseImage] = field(hash=False)
    released: dt.datetime
    support: Support | None = None

    @property
    def python(self) -> str:
        return self.version.python

    @property
    def digest(self) -> str:
        return self.reference.digest
