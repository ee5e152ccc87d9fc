"""What has been released of the base, and what is about to be?"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping

    from buildkit.values.base_tags import Move
    from buildkit.values.base_version import BaseVersion
    from buildkit.values.oci import Descriptor, ImageConfig, Platform
    from buildkit.values.support import Support


@dataclass(frozen=True, slots=True)
class Release:
    """One version of the base as it lies in the registry.

    Attributes:
        version: what its immutable tag says.
        target: the manifest or index that the tag names.
        images: the config for each platform.
        released: when.
        layers: every layer's descriptor, by the digest of its uncompressed content.
    """

    version: BaseVersion
    target: Descriptor
    images: Mapping[Platform, ImageConfig] = field(hash=False)
    released: dt.datetime
    layers: Mapping[str, Descriptor] = field(hash=False)


@dataclass(frozen=True, slots=True)
class Candidate:
    """What a row of versions.toml came out as.

    Attributes:
        version: what it is released as.
        target: the manifest or index in the registry; None in a dry run.
        is_new: whether its content is; else it is the release of before, whose tags may still have to move.
        released: when.
        upstream: what it was built on.
    """

    version: BaseVersion
    target: Descriptor | None
    is_new: bool
    released: dt.datetime
    upstream: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a row: what it is released as, where the rolling tags are, until when it is supported."""

    candidate: Candidate
    moves: tuple[Move, ...]
    support: Support
