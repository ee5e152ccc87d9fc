"""What is to be told of several images that were verified: each one's result, all together, and the exit code?"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    from buildkit.values.errors import BuildkitError
    from buildkit.values.verification import Verification


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one image: a verdict, or the error that stood in its way.

    Attributes:
        image: as it was named.
        seconds: that it took.
        found: the verdict; None if there is none.
        error: why not.
    """

    image: str
    seconds: float
    found: Verification | None = None
    error: BuildkitError | None = None

    @property
    def passed(self) -> bool:
        return self.found is not None and self.found.passed

    @property
    def word(self) -> str:
        """One word for it."""
        if self.found is None:
            return "ERROR"
        return "PASS" if self.found.passed else "FAIL"

    @property
    def told(self) -> str:
        """One line for it: why it failed, or whom it was seen to call."""
        if self.found is None:
            return str(self.error or "")
        if not self.found.passed:
            return self.found.cause
        known = f"{self.found.proven} of {len(self.found.checks)} checks proven"
        called = f", called {', '.join(self.found.called[:3])}" if self.found.called else ""
        return f"{known}{called}{', by its attached verdict' if self.found.reused else ''}"


def exit_code(results: Sequence[Result]) -> int:
    """0 only if all passed."""
    return 0 if all(result.passed for result in results) else 1


def summary(results: Sequence[Result]) -> str:
    counts = {word: sum(result.word == word for result in results) for word in ("PASS", "FAIL", "ERROR")}
    words = [f"{counts['PASS']} of {len(results)} images passed"]
    if counts["FAIL"]:
        words.append(f"{counts['FAIL']} failed")
    if counts["ERROR"]:
        words.append(f"{counts['ERROR']} could not be verified")
    return ", ".join(words)


def as_json(results: Sequence[Result]) -> str:
    """All of it for a program."""
    document = {
        "passed": exit_code(results) == 0,
        "images": [_described(result) for result in results],
    }
    return json.dumps(document, indent=2)


def _described(result: Result) -> dict[str, Any]:
    said: dict[str, Any] = {
        "image": result.image,
        "seconds": round(result.seconds, 1),
        "passed": result.passed,
    }
    if result.found is None:
        return {**said, "error": str(result.error or "")}
    found = result.found
    return {
        **said,
        "digest": found.digest,
        "base_version": found.base_version,
        "bypass": found.bypass,
        "called": found.called,
        "attestation": found.attestation,
        "reused": found.reused,
        "checks": [asdict(check) for check in found.checks],
        "last_lines": found.last_lines,
    }
