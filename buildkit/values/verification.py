"""What was found when a service's image was verified, and stays true of its digest?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from buildkit.values.check import Outcome

if TYPE_CHECKING:
    from datetime import datetime

    from buildkit.values.check import Check


@dataclass(frozen=True, slots=True)
class Verification:
    """The verdict on an image, as it is attached to it.

    Attributes:
        image: repository without tag, as it was pulled.
        digest: of the manifest or index that was verified.
        checks: all of them, in the report's order.
        bypass: why it is not traced although it stands on the base; empty if it is, or does not.
        called: whom it called, as URLs begin.
        base_version: the base that it stands on, as far as that is known.
        platform: the one that ran (`linux/amd64`).
        time: when it ended, in UTC.
        checks_version: of the checks, `decisions.checks.VERSION`.
        settings: a digest of how the service was started and asked.
        attestation: the digest of the artifact that says all this; empty if none was made.
        reused: whether it was found at the registry, and nothing ran.
        last_lines: what the service wrote last; kept for failures only.
    """

    image: str
    digest: str
    checks: tuple[Check, ...]
    time: datetime
    checks_version: int
    settings: str
    bypass: str = ""
    called: tuple[str, ...] = ()
    base_version: str = ""
    platform: str = ""
    attestation: str = ""
    reused: bool = False
    last_lines: tuple[str, ...] = ()

    @property
    def passed(self) -> bool:
        return not any(check.failed for check in self.checks)

    @property
    def failures(self) -> tuple[Check, ...]:
        return tuple(check for check in self.checks if check.failed)

    @property
    def proven(self) -> int:
        """How many of the checks passed; the others failed, or could not be proven on this service."""
        return sum(check.outcome is Outcome.PASS for check in self.checks)

    @property
    def cause(self) -> str:
        """Why it failed, in one line; empty if it passed."""
        return next(
            (
                f"{check.name}: {check.detail}" + (f" ({check.cause})" if check.cause else "")
                for check in self.failures
            ),
            "",
        )
