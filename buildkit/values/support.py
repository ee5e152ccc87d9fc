"""Until when is a version of the base supported, and how near is that end?"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class SupportRules:
    """What images/support.toml says.

    Attributes:
        days: how long a version is supported after its release, unless something below ends it otherwise.
        warn_days: how long before its end we begin to speak of it.
        lines: ends of lines, by `X.Y.Z`, `X.Y` or `X`; the narrowest that fits is the one.
        pythons: ends of Pythons, by X.Y: no base outlives its Python, whatever else is said.
    """

    days: int
    warn_days: int
    lines: Mapping[str, dt.date] = field(default_factory=lambda: MappingProxyType({}), hash=False)
    pythons: Mapping[str, dt.date] = field(default_factory=lambda: MappingProxyType({}), hash=False)


class Phase(StrEnum):
    """Where in its life a version is."""

    SUPPORTED = "supported"
    ENDING = "ending"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class Support:
    """One version's support, on one day.

    Attributes:
        until: its last day.
        why: what sets that day.
        phase: where in its life it is.
        days_left: days until the last one; negative afterwards.
    """

    until: dt.date
    why: str
    phase: Phase
    days_left: int

    @property
    def warning(self) -> str:
        """A clause for people; empty while there is nothing to warn of."""
        if self.phase is Phase.SUPPORTED:
            return ""
        if self.phase is Phase.ENDED:
            return f"unsupported since {self.until} ({self.why})"
        left = "today" if self.days_left == 0 else f"in {self.days_left} days"
        return f"support ends {left}, on {self.until} ({self.why})"
