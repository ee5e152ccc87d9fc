"""Which of the calls that a service made belong to our requests, and which does it make by itself?

A service that registers itself, polls for its settings or reports its own telemetry does so outside of any
request, and such a call rightly carries no trace of ours. We ask one request after another, so that what
arrives while one is answered is most likely its doing; what also arrives at other times is not.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from math import inf
from typing import TYPE_CHECKING

from buildkit.values.span import Kind

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from buildkit.values.call import Answer, Call, Request
    from buildkit.values.service import Evidence
    from buildkit.values.span import Span

AFTER = 0.25  # seconds behind an answer in which what the service still does is that request's doing
# Where exporters send telemetry: OTLP (also by gRPC), Zipkin, Jaeger, Datadog, Sentry, Elastic, New Relic.
_TELEMETRY = re.compile(
    r"/(v1/(traces|metrics|logs)|opentelemetry\.proto\..*|api/v2/spans|api/traces|v0\.\d+/\w+"
    r"|telemetry/.*|api/\d+/(envelope|store)/?|intake/v2/.*|agent_listener/.*|metrics/job/.*)"
)
_Key = tuple[str, str, int, str]


@dataclass(frozen=True, slots=True)
class Egress:
    """A service's calls.

    Attributes:
        judged: they belong to requests: each must carry its request's trace.
        doubtful: without a trace of ours, and made in the time of one request only: it may be chance.
        background: the service makes them by itself.
    """

    judged: tuple[Call, ...] = ()
    doubtful: tuple[Call, ...] = ()
    background: tuple[Call, ...] = ()


def egress(evidence: Evidence) -> Egress:
    """Sort the calls that were made since our first request."""
    return sort(evidence.calls, answers=evidence.answers, before=evidence.calls_before)


def sort(calls: Iterable[Call], *, answers: Sequence[Answer], before: Iterable[Call]) -> Egress:
    """Sort calls into judged, doubtful and background; calls to our own address are always judged.

    Args:
        calls: since the first request.
        answers: to all our requests, whose times do not overlap.
        before: calls that were made before the service took requests at all.
    """
    ours = {answer.request.trace_id for answer in answers}
    windows = _windows(answers)
    calls = tuple(calls)
    strange = [call for call in calls if call.caught and _trace_id(call) not in ours]
    seen: dict[_Key, set[int | None]] = {}
    for call in strange:
        seen.setdefault(_key(call), set()).add(_window(call, windows))
    alone = {_key(call) for call in before} | {key for key, places in seen.items() if None in places}
    alone |= {_key(call) for call in strange if _TELEMETRY.fullmatch(call.path.split("?")[0])}
    background = [call for call in strange if _key(call) in alone]
    doubtful = [call for call in strange if call not in background and len(seen[_key(call)]) == 1]
    left_out = {id(call) for call in (*background, *doubtful)}
    judged = tuple(call for call in calls if id(call) not in left_out)
    return Egress(judged, tuple(doubtful), tuple(background))


def to_ask_again(
    calls: Iterable[Call], *, answers: Sequence[Answer], before: Iterable[Call]
) -> tuple[Request, ...]:
    """Pick the requests in whose time a doubtful call was made: made again, it is no chance."""
    doubtful = sort(calls, answers=answers, before=before).doubtful
    windows = _windows(answers)
    places = {_window(call, windows) for call in doubtful} - {None}
    return tuple(answers[place].request for place in sorted(place for place in places if place is not None))


def names(calls: Iterable[Call]) -> tuple[str, ...]:
    """Whom the calls were meant for, each once, in their order."""
    return tuple(dict.fromkeys(call.whom for call in calls if call.caught))


def _windows(answers: Sequence[Answer]) -> list[tuple[float, float]]:
    """From when to when what the service does is one request's doing, for each answer in its place."""
    begins = [*(answer.started for answer in answers), inf][1:]
    return [
        (answer.started, min(begin, answer.ended + AFTER))
        for answer, begin in zip(answers, begins, strict=True)
    ]


def _window(call: Call, windows: Sequence[tuple[float, float]]) -> int | None:
    return next((i for i, (begin, end) in enumerate(windows) if begin <= call.arrived < end), None)


def _key(call: Call) -> _Key:
    return call.method, call.host, call.port, call.path.split("?")[0]


def _trace_id(call: Call) -> str:
    return call.header("traceparent")[3:35]


def refused_ports(spans: Iterable[Span], *, names: Iterable[str]) -> frozenset[int]:
    """The ports of looked-up names to which calls have failed, as the service's client spans tell."""
    known = set(names)
    return frozenset(
        port
        for span in spans
        if span.kind is Kind.CLIENT
        and "error.type" in span.attributes
        and "http.response.status_code" not in span.attributes
        and span.attributes.get("server.address") in known
        and isinstance(port := span.attributes.get("server.port"), int)
    )
