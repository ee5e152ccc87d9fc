"""Sanic: server spans of its own server, the route's template, and the exceptions that it answers itself.

Sanic compiles many of its methods anew from their source when it starts (`__touchup__`): a patch of those would be
gone. None of these is touched here.
"""

from __future__ import annotations

from tracing_bootstrap import guard
from tracing_bootstrap.instrumentation.patching import after, before
from tracing_bootstrap.instrumentation.server_span import ServerSpan, name_route, request_span
from tracing_bootstrap.recorder import tracer
from tracing_bootstrap.recorder.context import current
from tracing_bootstrap.recorder.tracer import from_headers

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_CAUSE = "a Sanic request could not be traced"
_ROUTE = "a Sanic route could not be read"


class SanicSpan(ServerSpan):
    """A server span that keeps the exception which is being answered, until it is known how."""

    answered: BaseException | None = None


def patch_protocol(module: Any) -> None:
    """Follow a request through what Sanic's own server calls for it (sanic.server.protocols.http_protocol)."""
    after(module.HttpProtocolMixin, "_setup", _CAUSE, _set_up)


def patch_app(module: Any) -> None:
    """Read the route of a WebSocket (sanic.app)."""
    before(module.Sanic, "_websocket_handler", _ROUTE, _connected)


def patch_asgi(module: Any) -> None:
    """Read the route where Sanic answers under another server (sanic.asgi)."""
    before(module.ASGIApp, "send", _ROUTE, _sending)


def patch_error(module: Any) -> None:
    """Keep what is about to be answered (sanic.handlers.error)."""
    before(module.ErrorHandler, "response", "a Sanic exception could not be recorded", _answering)


def _set_up(_result: None, protocol: Any) -> None:
    protocol.request_handler = guard.around_async(_CAUSE, _begin, _end, protocol.request_handler)


def _begin(request: Any) -> tuple[SanicSpan, Any] | None:
    headers = request.headers
    connection = request.conn_info
    scheme = "https" if connection.ssl else "http"
    host = headers.get("host", "")
    target = request.raw_url.decode("latin-1")
    if tracer.excluded is not None and tracer.excluded(f"{scheme}://{host}{target.partition('?')[0]}"):
        current.set(None)
        return None

    def find(name: str) -> str | None:
        values = headers.getall(name, None)
        return None if values is None else ",".join(values)

    def names() -> list[str]:
        return [name.lower() for name in headers]

    span = from_headers(SanicSpan, find("traceparent"), find("tracestate"), find("baggage"), find, names)
    current.set(span)
    if span.on_end is not None:
        get = headers.get
        span.request = (
            request.method, scheme, host, f"HTTP/{request.version}", target, connection.client_ip,
            get("user-agent"), get("x-forwarded-for"), get("forwarded"), get("content-length"),
        )  # fmt: skip
    return span, request


def _end(begun: tuple[SanicSpan, Any], _result: Any, exc: BaseException | None) -> None:
    span, request = begun
    # The connection's next request comes in the same task.
    current.set(None)
    if span.on_end is None:
        return
    if request.route is not None:
        span.route = f"/{request.route.path}"
    stream = request.stream
    response = getattr(stream, "response", None)
    if response is not None:
        span.status_line = str(response.status)
        span.body_size = stream.response_size
        if response.status >= 500 and exc is None:
            exc = span.answered
    elif getattr(stream, "upgrade_websocket", False):
        span.status_line = "101"
    if isinstance(exc, Exception):
        span.fail(exc)
    # What the exception's frames hold must not wait for the exporter.
    span.answered = None
    span.end()


def _connected(_app: Any, _handler: Any, request: Any, *_args: Any) -> None:
    name_route(f"/{request.route.path}")


def _sending(asgi: Any, *_args: Any) -> None:
    route = asgi.request.route
    if route is not None:
        name_route(f"/{route.path}")


def _answering(_handler: Any, _request: Any, exception: Any) -> None:
    span = request_span()
    if isinstance(span, SanicSpan):
        span.answered = exception
