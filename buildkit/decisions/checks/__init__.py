"""Which promises does a service of ours keep? One function each; evidence in, verdict out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from buildkit.decisions.checks.ending import (
    last_spans_arrive,
    nothing_dropped,
    output_is_quiet,
    stops_promptly,
)
from buildkit.decisions.checks.inbound import joins_our_traces, no_span_twice, tells_what_was_asked
from buildkit.decisions.checks.outgoing import carries_companions, carries_on
from buildkit.decisions.checks.start import comes_up, stands_on_the_base

if TYPE_CHECKING:
    from buildkit.values.check import Check
    from buildkit.values.service import Evidence

# Raise it when a check proves more or something else than before: verdicts of another version are not reused.
VERSION = 2


def judge(evidence: Evidence) -> tuple[Check, ...]:
    """All checks of one service, always the same ones in the same order."""
    return (
        stands_on_the_base(evidence),
        *comes_up(evidence),
        joins_our_traces(evidence),
        tells_what_was_asked(evidence),
        carries_on(evidence),
        carries_companions(evidence),
        no_span_twice(evidence),
        nothing_dropped(evidence),
        last_spans_arrive(evidence),
        stops_promptly(evidence),
        output_is_quiet(evidence),
    )
