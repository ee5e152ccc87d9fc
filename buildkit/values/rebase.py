"""What happens to an image when its base is exchanged?"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from buildkit.values.base_version import BaseVersion
    from buildkit.values.oci import Descriptor, Platform, Reference


@dataclass(frozen=True, slots=True)
class Conflict:
    """A setting that the service and the new base both changed: the service's word wins.

    Attributes:
        setting: which one (`Env PORT`, `User`, `Label maintainer`).
        kept: what the service says; None if it removed the setting.
        offered: what the new base says; None if it removed it.
    """

    setting: str
    kept: str | None
    offered: str | None

    def __str__(self) -> str:
        kept = "removed" if self.kept is None else f"{self.kept!r} kept"
        offered = "removes it" if self.offered is None else f"says {self.offered!r}"
        return f"{self.setting}: {kept}, the new base {offered}"


@dataclass(frozen=True, slots=True)
class NewImage:
    """One platform's image on the new base, ready to be pushed.

    Attributes:
        platform: whose.
        manifest: its bytes.
        digest: of the manifest.
        config: its bytes.
        config_digest: of the config.
        mounts: the new base's layers that the service's repository does not have, each once.
        conflicts: where the service and the new base disagree.
        notes: what a rebuild would do and a rebase does not, one line each.
    """

    platform: Platform
    manifest: bytes = field(repr=False)
    digest: str
    config: bytes = field(repr=False)
    config_digest: str
    mounts: tuple[Descriptor, ...]
    conflicts: tuple[Conflict, ...]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Rebased:
    """What a rebase did, or with `dry` would do.

    Attributes:
        reference: the image that was asked for.
        before: its digest.
        digest: that of the result; the same as `before` if there was nothing to do.
        media_type: of the result.
        changed: whether it is another image.
        platforms: each platform's own manifest digest in the result.
        before_bases: on which base each platform stood.
        onto: the base that it stands on now.
        conflicts: where the service and the new base disagree, each once.
        notes: what a rebuild would do and a rebase does not, one line each.
    """

    reference: Reference
    before: str
    digest: str
    media_type: str
    changed: bool
    platforms: Mapping[Platform, str] = field(hash=False)
    before_bases: Mapping[Platform, BaseVersion] = field(hash=False)
    onto: BaseVersion
    conflicts: tuple[Conflict, ...] = ()
    notes: tuple[str, ...] = ()
