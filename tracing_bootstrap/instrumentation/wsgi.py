"""Begins and ends the span of a WSGI request; each server's module says when.

The servers are hooked beside the application's call, not around it, so that no frame of ours stands in the
tracebacks that a service logs, and what the application returns (a list, a file wrapper) is not wrapped.
"""

from __future__ import annotations

from tracing_bootstrap.instrumentation.server_span import CarriedSpan, ServerSpan, is_excluded, take
from tracing_bootstrap.propagation.formats import ALL_HEADERS
from tracing_bootstrap.propagation.traceparent import FLAGS, SAMPLED, match_usual
from tracing_bootstrap.recorder import tracer
from tracing_bootstrap.recorder.context import current
from tracing_bootstrap.recorder.tracer import from_headers

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from tracing_bootstrap.propagation.remote import Get, Names

set_current = current.set


def _variable(name: str) -> str:
    """Return the environ's name of a header (RFC 3875, section 4.1.18)."""
    return f"HTTP_{name.upper().replace('-', '_')}"


_LENGTH = 55
_OTHERS = frozenset(map(_variable, ALL_HEADERS))


def begin(environ: dict[str, Any]) -> ServerSpan | None:
    """Start the request's span and make it current; None where its URL is excluded from tracing."""
    usual = tracer.usual
    if (
        usual is not None
        and "HTTP_TRACEPARENT" in environ
        and "HTTP_TRACESTATE" not in environ
        and "HTTP_BAGGAGE" not in environ
    ):
        parent = environ["HTTP_TRACEPARENT"]
        match = match_usual(parent)
        if match is not None:
            # Nearly every request. What from_headers would do for it, without its questions.
            span: ServerSpan
            if parent[-1] == "0":
                span = CarriedSpan(parent)
            else:
                trace_id, parent_id, flag = match.groups()
                flags = FLAGS[flag]
                if flags & SAMPLED and usual.take is not None:
                    span = ServerSpan(trace_id, parent_id, flags, "", "", usual.take)
                    span.request = take(environ)
                else:
                    span = ServerSpan(trace_id, parent_id, flags, "", "", None)
            set_current(span)
            return span
    return _begin_unusual(environ)


def _begin_unusual(environ: dict[str, Any]) -> ServerSpan | None:
    excluded = tracer.excluded
    if excluded is not None and is_excluded(excluded, environ):
        return None
    get = environ.get
    parent, state, baggage = get("HTTP_TRACEPARENT"), get("HTTP_TRACESTATE"), get("HTTP_BAGGAGE")
    # What looks like a valid traceparent is not looked behind: eight lookups in a dict that nobody touched yet cost
    # as much as all the rest of this function.
    if (tracer.believes_w3c and parent is not None and len(parent) == _LENGTH) or environ.keys().isdisjoint(
        _OTHERS
    ):
        span = from_headers(ServerSpan, parent, state, baggage)
    else:
        span = from_headers(ServerSpan, parent, state, baggage, *_lookups(environ))
    if span.on_end is not None:
        span.request = take(environ)
    set_current(span)
    return span


def _lookups(environ: dict[str, Any]) -> tuple[Get, Names]:
    """Return how a header is looked up by its lower-case name, and how all names are listed."""

    def get(name: str) -> str | None:
        value: str | None = environ.get(_variable(name))
        return value

    def names() -> list[str]:
        return [key[5:].lower().replace("_", "-") for key in environ if key.startswith("HTTP_")]

    return get, names


def end(span: ServerSpan, status_line: str | None, body_size: int | None, exc: BaseException | None) -> None:
    """End a request's span; `exc` is what escaped from the application. The second end of a span does nothing."""
    set_current(None)
    if span.on_end is None:
        return
    if exc is not None:
        span.fail(exc)
    if status_line is not None:
        span.status_line = status_line
    if body_size is not None:
        span.body_size = body_size
    span.end()
