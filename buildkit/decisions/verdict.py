"""What is to be told of a run: which checks in which table, what explains a failure, and the exit code?"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from buildkit.decisions import egress
from buildkit.decisions.checks import judge
from buildkit.decisions.trace_tree import cells, rows
from buildkit.values.check import Outcome

if TYPE_CHECKING:
    from collections.abc import Sequence

    from buildkit.values.check import Check
    from buildkit.values.service import Evidence

LAST_LINES = 15


@dataclass(frozen=True, slots=True)
class Verdict:
    """The checks of one service, and the last lines that it wrote."""

    service: str
    image: str
    checks: tuple[Check, ...]
    last_lines: tuple[str, ...]

    @property
    def failures(self) -> tuple[Check, ...]:
        return tuple(check for check in self.checks if check.failed)


def verdict(evidence: Evidence) -> Verdict:
    lines = [line.rstrip() for line in evidence.log.splitlines() if line.strip()]
    return Verdict(evidence.name, evidence.image.name, judge(evidence), tuple(lines[-LAST_LINES:]))


def exit_code(verdicts: Sequence[Verdict]) -> int:
    """0 only if every check passed or, not being provable on this service, was skipped without a failure."""
    return 1 if any(verdict.failures for verdict in verdicts) else 0


def summary(verdicts: Sequence[Verdict]) -> str:
    counts = dict.fromkeys(Outcome, 0)
    for found in verdicts:
        for check in found.checks:
            counts[check.outcome] += 1
    words = [f"{counts[Outcome.PASS]} passed"]
    if counts[Outcome.FAIL]:
        words.append(f"{counts[Outcome.FAIL]} failed")
    if counts[Outcome.SKIP]:
        words.append(f"{counts[Outcome.SKIP]} not proven")
    return ", ".join(words)


def as_json(verdicts: Sequence[Verdict], evidence: Sequence[Evidence]) -> str:
    """The whole run for a program: checks by service, requests, and each request's spans as a tree."""
    spans = evidence[0].spans if evidence else ()
    document: dict[str, Any] = {
        "passed": exit_code(verdicts) == 0,
        "services": [
            {
                "service": found.service,
                "image": found.image,
                "checks": [asdict(check) for check in found.checks],
                "called": egress.names(egress.egress(seen).judged),
                "looked_up": seen.looked_up,
                "last_lines": found.last_lines if found.failures else (),
            }
            for found, seen in zip(verdicts, evidence, strict=True)
        ],
        "requests": [
            {
                "method": answer.request.method,
                "path": answer.request.path,
                "trace_id": answer.request.trace_id,
                "status": answer.status,
                "error": answer.error,
                "milliseconds": round((answer.ended - answer.started) * 1000, 1),
                "spans": [
                    {
                        "service": row.span.service,
                        "name": row.span.name,
                        "span_id": row.span.span_id,
                        "parent_id": row.span.parent_id,
                        **dict(zip(_CELLS, cells(row.span), strict=True)),
                    }
                    for row in rows(spans, trace_id=answer.request.trace_id)
                ],
            }
            for answer in (evidence[0].answers if evidence else ())
        ],
    }
    return json.dumps(document, indent=2)


_CELLS = ("kind", "duration", "route", "status", "client", "size")
