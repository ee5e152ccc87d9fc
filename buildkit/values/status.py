"""What does `status` tell about one service?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from buildkit.values.fleet import ServiceEntry
    from buildkit.values.stand import ServiceAt, Stand


@dataclass(frozen=True, slots=True)
class StatusRow:
    """One service.

    Attributes:
        entry: which one.
        at: its image as it lies in the registry; None if it could not be read.
        stand: how it stands; None if that could not be told.
        error: why not, in one line.
        missing: whether that is because there is no such image.
        note: something besides, about its source.
    """

    entry: ServiceEntry
    at: ServiceAt | None = None
    stand: Stand | None = None
    error: str = ""
    missing: bool = False
    note: str = ""
