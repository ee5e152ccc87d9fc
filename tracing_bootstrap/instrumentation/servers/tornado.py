"""tornado's server: a span for each request, whatever answers it: a RequestHandler, a callback, a WSGI container.

`HTTP1Connection` reads a request and writes its response; `_can_keep_alive` is asked right after the headers were
read, in the connection's own task, from which the handler's inherits the span.
"""

from __future__ import annotations

import sys

from tracing_bootstrap.instrumentation.http_attributes import size
from tracing_bootstrap.instrumentation.patching import after, before
from tracing_bootstrap.instrumentation.server_span import ServerSpan, request_span
from tracing_bootstrap.recorder import tracer
from tracing_bootstrap.recorder.context import current
from tracing_bootstrap.recorder.tracer import from_headers

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_CAUSE = "a tornado request could not be traced"
_SPAN = "tracing_span"


def patch_connection(module: Any) -> None:
    """Follow a request on its connection (tornado.http1connection)."""
    connection = module.HTTP1Connection
    # A class attribute: clients' connections have no span here.
    connection.tracing_span = None
    after(connection, "_can_keep_alive", _CAUSE, _begin)
    before(connection, "write_headers", "a tornado response could not be traced", _answered)
    cause = "a tornado request's span could not be ended"
    before(connection, "finish", cause, _end)
    before(connection, "detach", cause, _upgraded)
    before(connection, "_on_connection_close", cause, _end)
    before(connection, "close", cause, _closed)


def patch_web(module: Any) -> None:
    """Record what a handler raised (tornado.web)."""
    http_error = module.HTTPError

    def failed(_handler: Any, _kind: Any, exc: Any, *_traceback: Any) -> None:
        span = request_span()
        if span is not None and exc is not None and not isinstance(exc, http_error):
            span.fail(exc)

    before(
        module.RequestHandler, "log_exception", "a tornado handler's exception could not be recorded", failed
    )


def patch_routing(module: Any) -> None:
    """Read the route: the pattern of the rule that matched last (tornado.routing)."""
    after(module.PathMatches, "match", "a tornado route could not be read", _route)


def _begin(_result: Any, connection: Any, start_line: Any, headers: Any) -> None:
    connection.tracing_span = None
    context = connection.context
    scheme = getattr(context, "protocol", "http")
    get = headers.get
    host = get("Host", "")
    target = start_line.path
    if tracer.excluded is not None and tracer.excluded(f"{scheme}://{host}{target.partition('?')[0]}"):
        current.set(None)
        return

    def names() -> list[str]:
        return [name.lower() for name in headers]

    # Several headers of one name come joined by commas.
    span = from_headers(ServerSpan, get("traceparent"), get("tracestate"), get("baggage"), get, names)
    if span.on_end is not None:
        peer = getattr(context, "address", None)
        span.request = (
            start_line.method, scheme, host, start_line.version, target,
            peer[0] if isinstance(peer, tuple) and peer else None,
            get("User-Agent"), get("X-Forwarded-For"), get("Forwarded"), get("Content-Length"),
        )  # fmt: skip
    connection.tracing_span = span
    current.set(span)


def _answered(connection: Any, start_line: Any, headers: Any, *_chunk: Any) -> None:
    span = connection.tracing_span
    if span is not None:
        span.status_line = str(start_line[1])
        span.body_size = size(headers.get("Content-Length"))


def _end(connection: Any) -> None:
    span = connection.tracing_span
    if span is not None:
        connection.tracing_span = None
        span.end()


def _upgraded(connection: Any) -> None:
    """End the span of a request that becomes a WebSocket: what follows is no HTTP, and may last for days."""
    span = connection.tracing_span
    if span is not None:
        if span.status_line is None:
            span.status_line = "101"
        _end(connection)


def _closed(connection: Any) -> None:
    span = connection.tracing_span
    if span is None:
        return
    exc = sys.exc_info()[1]
    if exc is not None and type(exc).__name__ == "_QuietException" and exc.__context__ is not None:
        # What a callback raised; tornado has logged it, and closes the connection without an answer.
        span.fail(exc.__context__)
    _end(connection)


def _route(match: Any, matcher: Any, _request: Any) -> None:
    if match is not None:
        span = request_span()
        if span is not None:
            span.route = matcher.regex.pattern.removesuffix("$")
