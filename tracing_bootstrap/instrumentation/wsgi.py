"""Begins and ends the span of a WSGI request; each server's module says when.

The servers are hooked beside the application's call, not around it, so that no frame of ours stands in the
tracebacks that a service logs, and what the application returns (a list, a file wrapper) is not wrapped.
"""

from __future__ import annotations

from tracing_bootstrap.instrumentation.server_span import ServerSpan, is_excluded, take
from tracing_bootstrap.recorder import tracer
from tracing_bootstrap.recorder.context import current, entry
from tracing_bootstrap.recorder.span import SERVER

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def begin(environ: dict[str, Any], response: Any) -> None:
    """Start the request's span and make it current; `response` is what the server will be asked for at the end."""
    excluded = tracer.get().excluded
    if excluded is not None and is_excluded(excluded, environ):
        return
    if entry.get() is not None:
        # The server's end of the last request on this thread never came by.
        end(None, None, None)
    get = environ.get
    span = tracer.from_headers(
        ServerSpan, SERVER, get("HTTP_TRACEPARENT"), get("HTTP_TRACESTATE"), get("HTTP_BAGGAGE")
    )
    if span.recording:
        span.request = take(environ)
        span.response = response
    entry.set(span)
    current.set(span)


def end(status_line: str | None, body_size: int | None, exc: BaseException | None) -> None:
    """End the request's span, if there is one; `exc` is what escaped from the application."""
    span = entry.get()
    if span is None:
        return
    entry.set(None)
    current.set(None)
    if not span.recording or not isinstance(span, ServerSpan):
        return
    span.response = None
    if exc is not None:
        span.fail(exc)
    if status_line is not None:
        span.status_line = status_line
    if body_size is not None:
        span.body_size = body_size
    span.end()


def request_span() -> ServerSpan | None:
    """Return the span of the request that is being handled, if it is being recorded."""
    span = entry.get()
    return span if isinstance(span, ServerSpan) and span.recording else None


def set_route(route: str | None) -> None:
    """Tell the framework's route template of the request that is being handled (`http.route`)."""
    span = entry.get()
    if route and isinstance(span, ServerSpan):
        span.route = route
