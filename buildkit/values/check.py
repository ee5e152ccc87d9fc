"""What is the verdict on one promise?"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Outcome(StrEnum):
    """A check passed, failed, or could not be proven either way."""

    PASS = "PASS"  # noqa: S105 - a verdict, not a password
    FAIL = "FAIL"
    SKIP = "SKIP"


@dataclass(frozen=True, slots=True)
class Check:
    """One promise, and what became of it.

    `detail` is what was seen; `cause` is why a failed one most likely failed; `hint` is what to do.
    """

    name: str
    outcome: Outcome
    detail: str = ""
    cause: str = ""
    hint: str = ""

    @property
    def failed(self) -> bool:
        return self.outcome is Outcome.FAIL


def passed(name: str, detail: str = "") -> Check:
    return Check(name, Outcome.PASS, detail)


def failed(name: str, detail: str, *, cause: str = "", hint: str = "") -> Check:
    return Check(name, Outcome.FAIL, detail, cause, hint)


def skipped(name: str, detail: str, *, hint: str = "") -> Check:
    return Check(name, Outcome.SKIP, detail, hint=hint)
