"""Which trace does a request belong to, where its traceparent alone does not say?

Where several formats name a caller, the first in reading order is the parent. Those that name another trace are
linked, so that nothing is lost of a trace that was cut between two tracing systems. A request with a valid
traceparent never comes here, and what else it carries is not looked at, unless OTEL_PROPAGATORS leaves W3C's format
out; nor does one without any trace header.
"""

from __future__ import annotations

from tracing_bootstrap.propagation import baggage, formats, probability, traceparent, tracestate
from tracing_bootstrap.propagation.remote import Remote
from tracing_bootstrap.recorder.span import SERVER

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeVar

    from tracing_bootstrap.propagation.remote import Get, Names
    from tracing_bootstrap.recorder.span import Span
    from tracing_bootstrap.recorder.tracer import Tracer

    S = TypeVar("S", bound=Span)

SAMPLED = traceparent.SAMPLED
_readers: dict[str, formats.Reader] = {}


def start(
    tracer: Tracer,
    make: Callable[[str, str, int, str, str, Callable[[Span], None] | None], S],
    parent_header: str | None,
    state_header: str | None,
    baggage_header: str | None,
    get: Get | None,
    names: Names | None,
) -> S:
    """Start the span; the parameters are those of `tracer.from_headers`."""
    found = callers(tracer.reading_order, parent_header, state_header, get, names)
    if tracer.settings.edge and getattr(make, "kind", SERVER) == SERVER:
        return _at_edge(tracer, make, found)
    carried = baggage.clean(baggage_header) if baggage_header and tracer.reads_baggage else ""
    if not found:
        trace_id, flags, state, take = tracer.new_trace()
        return make(trace_id, "", flags, state, carried, take)
    caller, *others = found
    if tracer.reads_baggage:
        carried = carried or caller.baggage
    trace_id, flags, state, take = _join(tracer, caller)
    span = make(trace_id, caller.span_id, flags, state, carried, take)
    if caller.debug:
        span.debug = True
    # 64 bits are all that some formats carry of an id.
    _link(span, [other for other in others if other.trace_id[16:] != trace_id[16:]])
    return span


def callers(
    order: tuple[str, ...],
    parent_header: str | None,
    state_header: str | None,
    get: Get | None,
    names: Names | None,
) -> list[Remote]:
    """Return what the request's headers say of its caller, in every format that is there, in reading order."""
    found = []
    for name in order:
        if name == formats.W3C:
            caller = _w3c(parent_header, state_header)
        elif get is None or not any(map(get, formats.HEADERS[name])):
            continue
        else:
            read = _readers.get(name)
            if read is None:
                read = _readers[name] = formats.reader(name)
            caller = read(get, names)
        if caller is not None:
            found.append(caller)
    # A decision alone is worth something only where nobody names a trace.
    return [caller for caller in found if caller.trace_id] or found[:1]


def _w3c(parent_header: str | None, state_header: str | None) -> Remote | None:
    parsed = traceparent.parse(parent_header) if parent_header else None
    if parsed is None:
        return None
    trace_id, span_id, flags = parsed
    return Remote(
        trace_id,
        span_id=span_id,
        sampled=bool(flags & SAMPLED),
        flags=flags & ~SAMPLED,
        tracestate=tracestate.clean(state_header),
    )


def _join(tracer: Tracer, caller: Remote) -> tuple[str, int, str, Callable[[Span], None] | None]:
    """Return id, flags and tracestate of the trace, and where the span goes at its end."""
    trace_id, state = caller.trace_id, caller.tracestate
    if caller.sampled is None:
        # The decision was left to us. Formats that can do that have no tracestate.
        made = tracer.sampler.root(trace_id)
        sampled, state = made is not None, made or ""
    elif not trace_id and not tracer.follows_parent:
        return tracer.new_trace()
    else:
        trace_id = trace_id or tracer.new_trace()[0]
        sampled = tracer.sampler.decide(trace_id, parent_sampled=caller.sampled)
        if "th:" in state:
            decided_anew = not tracer.follows_parent
            state = probability.checked(state, trace_id, sampled=sampled, decided_anew=decided_anew)
    flags = caller.flags | SAMPLED if sampled else caller.flags
    return trace_id, flags, state, tracer.take if sampled else None


def _at_edge(
    tracer: Tracer,
    make: Callable[[str, str, int, str, str, Callable[[Span], None] | None], S],
    found: list[Remote],
) -> S:
    """Begin a trace of our own: outsiders choose neither its id, nor its sampling, nor our baggage."""
    trace_id, flags, state, take = tracer.new_trace()
    span = make(trace_id, "", flags, state, "", take)
    _link(span, [caller for caller in found if caller.trace_id])
    return span


def _link(span: Span, callers: list[Remote]) -> None:
    if callers and span.on_end is not None:
        span.links = [
            (
                caller.trace_id,
                caller.span_id,
                caller.tracestate,
                caller.flags | SAMPLED if caller.sampled else caller.flags,
                None,
            )
            for caller in callers
        ]
