"""Does nothing get lost, do the last spans arrive, and does the service stop as before?"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from buildkit.decisions.causes import COMPLAINT
from buildkit.decisions.checks.inbound import server_spans
from buildkit.values.check import Check, failed, passed, skipped

if TYPE_CHECKING:
    from buildkit.values.service import Evidence

COMPLETE = "Nothing dropped"
LAST = "Last spans arrive after the stop signal"
STOPS = "Stops promptly"
QUIET = "No complaint of tracing in its output"

LOST = "tracing_bootstrap.dropped."  # and the cause: tracing_bootstrap/recorder/batch.py
STOP_LIMIT = 5.0  # seconds; a bare gunicorn without work takes 0.4, tracing may add half a second
GRACE = 10.0  # seconds until Docker and we kill
_GOOD_EXITS = (0, 128 + 15, 128 + 2)
# The official SDK says what it drops through `logging`, under its modules' names.
_FOREIGN = re.compile(
    r"opentelemetry[^\n]*(warn|error|drop|fail|exception)|(warn|error)[^\n]*opentelemetry", re.IGNORECASE
)


def nothing_dropped(evidence: Evidence) -> Check:
    """No span lost an attribute, event or link, and the collector took all that it was sent."""
    if not evidence.own:
        return skipped(COMPLETE, "it sent no spans")
    lost = sum(s.dropped_attributes + s.dropped_events + s.dropped_links for s in evidence.own)
    if lost:
        return failed(
            COMPLETE,
            f"{lost} attributes, events or links were dropped from its spans",
            cause="a limit is too low: OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT, OTEL_SPAN_EVENT_COUNT_LIMIT ...",
            hint="raise it, or write less into one span",
        )
    losses = _losses(evidence)
    if losses:
        return failed(
            COMPLETE,
            "spans never left the service: " + ", ".join(f"{n} by {cause}" for cause, n in losses.items()),
            cause="its queue was full, or the collector did not take them in time",
            hint="raise OTEL_BSP_MAX_QUEUE_SIZE, or look at what the collector answers",
        )
    if evidence.refused_spans:
        return failed(
            COMPLETE, f"{evidence.refused_spans} spans more than the collector holds", cause="too many spans"
        )
    return passed(COMPLETE, f"{len(evidence.own)} spans")


def _losses(evidence: Evidence) -> dict[str, int]:
    """Count, by cause, the spans that the runtime says it lost: on its scope, once for each batch.

    All spans of a batch share one scope object, so that the same report is not counted once a span.
    """
    counts: dict[str, int] = {}
    for scope in {id(span.scope): span.scope for span in evidence.own}.values():
        for name, number in scope.attributes.items():
            if name.startswith(LOST) and isinstance(number, int):
                cause = name.removeprefix(LOST)
                counts[cause] = counts.get(cause, 0) + number
    return counts


def last_spans_arrive(evidence: Evidence) -> Check:
    """What was asked right before the stop signal has left its spans all the same."""
    last = [answer for answer in evidence.inbound if answer.last and answer.status is not None]
    if evidence.stop is None or not last:
        return skipped(LAST, "no request was answered before the stop")
    if not evidence.own:
        return skipped(LAST, "it sent no spans before either")
    missing = [a for a in last if not server_spans(evidence, trace_id=a.request.trace_id)]
    signal = evidence.stop.signal
    if missing:
        return failed(
            LAST,
            f"{len(missing)} of {len(last)} requests answered right before {signal} left no server span",
            cause="the service was killed before it could send them"
            if evidence.stop.killed
            else "the process ends without its exit hooks: os._exit, or a server that kills its workers",
            hint="let the server end on its stop signal: the base sends what is left when a process ends",
        )
    return passed(LAST, f"{len(last)} of {len(last)} after {signal}")


def stops_promptly(evidence: Evidence) -> Check:
    stop = evidence.stop
    if stop is None:
        return skipped(STOPS, "it had ended before")
    if stop.killed:
        return failed(
            STOPS,
            f"still there {stop.seconds:.0f} s after {stop.signal}: killed",
            cause="the signal does not reach the server, or PID 1 (a shell, a bare Python) ignores it",
            hint="keep the base's ENTRYPOINT (tini passes signals on), or start the server with exec",
        )
    if stop.seconds > STOP_LIMIT:
        return failed(
            STOPS,
            f"took {stop.seconds:.1f} s after {stop.signal}; more than {STOP_LIMIT:.0f} s",
            cause="something delays its end: requests that do not finish, threads that are not daemons",
            hint="compare with OTEL_SDK_DISABLED=true: tracing itself may add half a second",
        )
    if stop.exit_code not in _GOOD_EXITS:
        return failed(
            STOPS,
            f"ended with exit code {stop.exit_code} after {stop.signal}",
            cause="it fails while it shuts down",
            hint="read its last lines below",
        )
    return passed(STOPS, f"{stop.seconds:.1f} s after {stop.signal}, exit code {stop.exit_code}")


def output_is_quiet(evidence: Evidence) -> Check:
    lines = [
        line.strip()
        for line in evidence.log.splitlines()
        if line.startswith(COMPLAINT) or _FOREIGN.search(line)
    ]
    if lines:
        return failed(
            QUIET,
            f"{len(lines)} lines, the first: {lines[0][:200]}",
            cause="tracing met something that it could not do, and says so",
            hint="run python -m tracing_bootstrap in the container",
        )
    return passed(QUIET, f"{len(evidence.log.splitlines())} lines read")
