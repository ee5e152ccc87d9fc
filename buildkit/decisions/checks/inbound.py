"""Is every request seen by the service, in its trace, under its caller, with what can be gleaned?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from buildkit.decisions.causes import causes, cuts, gaps
from buildkit.values.check import Check, failed, passed, skipped
from buildkit.values.span import Kind

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from buildkit.values.call import Answer
    from buildkit.values.service import Evidence
    from buildkit.values.span import Span

JOINED = "Server span for every request, in its trace"
ATTRIBUTES = "Says method, path, status, client and size"
ONCE = "No span twice"
# https://opentelemetry.io/docs/specs/semconv/http/http-spans/#http-server-span
_REQUIRED = (
    "http.request.method",
    "url.path",
    "url.scheme",
    "http.response.status_code",
    "client.address",
)


def server_spans(evidence: Evidence, *, trace_id: str) -> tuple[Span, ...]:
    return tuple(span for span in evidence.own if span.kind is Kind.SERVER and span.trace_id == trace_id)


def joins_our_traces(evidence: Evidence) -> Check:
    """Each request that reached the service has a server span whose parent is the caller's span."""
    asked = [answer for answer in evidence.inbound if not answer.last]
    if not asked:
        return skipped(JOINED, "no request reached it")
    missing = [answer for answer in asked if not server_spans(evidence, trace_id=answer.request.trace_id)]
    if missing:
        return _missing(evidence, missing=missing, asked=len(asked))
    orphans = [answer for answer in asked if not _under_caller(evidence, answer)]
    if orphans:
        return failed(
            JOINED,
            f"{len(orphans)} of {len(asked)} server spans have another parent than their caller's span "
            f"({_names(orphans)})",
            cause="the span is in the right trace, but something between the caller and it is missing",
            hint="look at the tree above: a parent did not arrive, or another span was made in between",
        )
    return passed(JOINED, f"{len(asked)} of {len(asked)}")


def bypass(evidence: Evidence) -> str:
    """Why a service that stands on the base and answers is not traced at all; empty where that is not so."""
    asked = any(answer.status is not None for answer in evidence.inbound)
    if not evidence.standing.on_base or not asked or any(span.kind is Kind.SERVER for span in evidence.own):
        return ""
    return "; ".join(cause.why for cause in causes(evidence))


def _missing(evidence: Evidence, *, missing: list[Answer], asked: int) -> Check:
    detail = f"{len(missing)} of {asked} requests left no server span in their trace ({_names(missing)})"
    own = [span for span in evidence.own if span.kind is Kind.SERVER]
    left_out = gaps(evidence)
    if own and left_out:
        return failed(
            JOINED,
            detail,
            cause="; ".join(cause.why for cause in left_out),
            hint="; ".join(cause.hint for cause in left_out),
        )
    if len(missing) < asked:
        return failed(
            JOINED,
            detail,
            cause="some requests are seen, some are not: spans are lost, or a server of its is not covered",
            hint="read the output below for what tracing says of dropped spans",
        )
    cut = cuts(evidence)
    if own and cut:
        return failed(
            JOINED,
            f"{detail}, but it sent {len(own)} server spans in other traces",
            cause="; ".join(cause.why for cause in cut),
            hint="; ".join(cause.hint for cause in cut),
        )
    if own:
        return failed(
            JOINED,
            f"{detail}, but it sent {len(own)} server spans in other traces",
            cause="the trace headers of incoming requests are not read: a new trace starts in the service",
            hint="OTEL_PROPAGATORS must have tracecontext; no proxy in the image may strip headers",
        )
    why = causes(evidence)
    return failed(
        JOINED,
        f"{detail}; it sent {len(evidence.own)} spans in all",
        cause="; ".join(cause.why for cause in why),
        hint="; ".join(dict.fromkeys(cause.hint for cause in why)),
    )


def _under_caller(evidence: Evidence, answer: Answer) -> bool:
    request = answer.request
    if evidence.upstream:
        callers = {
            span.span_id
            for span in evidence.spans
            if span.source == evidence.upstream
            and span.kind is Kind.CLIENT
            and span.trace_id == request.trace_id
        }
    else:
        callers = {request.span_id}
    return all(span.parent_id in callers for span in server_spans(evidence, trace_id=request.trace_id))


def tells_what_was_asked(evidence: Evidence) -> Check:
    """The attributes that the HTTP semantic conventions require, and what we know that they must be."""
    pairs = [
        (answer, span)
        for answer in evidence.inbound
        for span in server_spans(evidence, trace_id=answer.request.trace_id)
    ]
    if not pairs:
        return skipped(ATTRIBUTES, "there is no server span to read")
    # Only the first service got exactly what we sent; the others got what their caller made of it.
    direct = not evidence.upstream
    wrong = sorted({problem for answer, span in pairs for problem in _problems(answer, span, direct=direct)})
    if wrong:
        return failed(
            ATTRIBUTES,
            "; ".join(wrong[:4]) + (f"; and {len(wrong) - 4} more" if len(wrong) > 4 else ""),
            cause="its server hands over less than others do, or another tracer made these spans",
            hint="see the semantic conventions for HTTP server spans; report it with the server's version",
        )
    routes = {route for _, span in pairs if isinstance(route := span.attributes.get("http.route"), str)}
    known = "routes " + ", ".join(sorted(routes)[:3]) if routes else "it has no framework that gives a route"
    return passed(ATTRIBUTES, known)


def _problems(answer: Answer, span: Span, *, direct: bool) -> Iterator[str]:
    """Absences, and values that are not what we sent; of an inner service we know only the former."""
    request, have = answer.request, span.attributes
    expected: dict[str, object] = dict.fromkeys(_REQUIRED)
    if direct:
        expected |= {"http.request.method": request.method, "http.response.status_code": answer.status}
        if request.body:
            expected["http.request.body.size"] = len(request.body)
        if request.route:
            expected["http.route"] = request.route
    for name, value in expected.items():
        which = f"({request.method} {request.path})"
        if have.get(name) is None:
            yield f"no {name} {which}"
        elif value is not None and have[name] != value:
            yield f"{name} is {have[name]!r}, not {value!r} {which}"


def no_span_twice(evidence: Evidence) -> Check:
    """One server span for each request, no span id twice."""
    own = evidence.own
    if not own:
        return skipped(ONCE, "it sent no spans")
    again = len(own) - len({(span.trace_id, span.span_id) for span in own})
    if again:
        return failed(
            ONCE,
            f"{again} spans arrived more than once",
            cause="an export was repeated after the collector had taken it, or two processes share a queue",
            hint="look for a fork after the tracer was opened",
        )
    doubled = [
        answer.request.path
        for answer in evidence.inbound
        if len(server_spans(evidence, trace_id=answer.request.trace_id)) > 1
    ]
    if doubled:
        scopes = ", ".join(sorted({span.scope.name for span in own if span.kind is Kind.SERVER}))
        return failed(
            ONCE,
            f"{len(doubled)} requests have several server spans ({', '.join(doubled[:3])}), made by {scopes}",
            cause="the service instruments itself as well, and both make a span",
            hint="remove the service's own server instrumentation: the base does it",
        )
    return passed(ONCE, f"{len(own)} spans")


def _names(answers: Iterable[Answer]) -> str:
    names = [f"{answer.request.method} {answer.request.path}" for answer in answers]
    return ", ".join(names[:3]) + (", ..." if len(names) > 3 else "")
