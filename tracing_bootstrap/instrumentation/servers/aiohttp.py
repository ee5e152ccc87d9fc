"""aiohttp's server: a span for each request of a web.Application, a low-level web.Server or gunicorn's worker.

`RequestHandler._handle_request` runs in a task of each request's own, catches what the handler raises, writes the
answer and the access log. So the span can be current in it, and no traceback that is logged has a frame of ours.
"""

from __future__ import annotations

from tracing_bootstrap.instrumentation.http_attributes import size
from tracing_bootstrap.instrumentation.patching import around_async, before
from tracing_bootstrap.instrumentation.server_span import ServerSpan, request_span
from tracing_bootstrap.recorder import tracer
from tracing_bootstrap.recorder.context import current
from tracing_bootstrap.recorder.tracer import from_headers

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_VERSIONS = {(1, 1): "HTTP/1.1", (1, 0): "HTTP/1.0"}


def patch(module: Any) -> None:
    """Follow a request through its task (aiohttp.web_protocol)."""
    handler = module.RequestHandler
    around_async(handler, "_handle_request", "an aiohttp request could not be traced", _begin, _end)
    before(handler, "handle_error", "an aiohttp handler's exception could not be recorded", _failed)


def _begin(_handler: Any, request: Any, *_args: Any) -> tuple[ServerSpan, Any] | None:
    message = request._message
    headers = message.headers
    if not headers and message.method == "UNKNOWN":
        # What came was no request: aiohttp answers 400 to a stand-in.
        return None
    scheme = "https" if request._transport_sslcontext else "http"
    host = headers.get("Host", "")
    if tracer.excluded is not None and tracer.excluded(f"{scheme}://{host}{message.path.partition('?')[0]}"):
        current.set(None)
        return None

    def find(name: str) -> str | None:
        values = headers.getall(name, None)
        return None if values is None else ",".join(values)

    def names() -> list[str]:
        return [name.lower() for name in headers]

    parent = find("traceparent") if "traceparent" in headers else None
    state = find("tracestate") if "tracestate" in headers else None
    carried = find("baggage") if "baggage" in headers else None
    span = from_headers(ServerSpan, parent, state, carried, find, names)
    current.set(span)
    if span.on_end is not None:
        get = headers.get
        peer = request._transport_peername
        span.request = (
            message.method, scheme, host, _VERSIONS.get(message.version), message.path,
            peer[0] if isinstance(peer, tuple) and peer else None,
            get("User-Agent"), get("X-Forwarded-For"), get("Forwarded"), get("Content-Length"),
        )  # fmt: skip
    return span, request


def _end(begun: tuple[ServerSpan, Any], result: Any, exc: BaseException | None) -> None:
    span, request = begun
    if span.on_end is None:
        return
    match = getattr(request, "_match_info", None)
    if match is not None:
        resource = match.route.resource
        if resource is not None:
            span.route = resource.canonical
    if exc is not None:
        # The client went away, or the server shuts down: aiohttp answers everything else.
        span.fail(exc)
    else:
        response = result[0]
        span.status_line = str(response.status)
        span.body_size = size(response.headers.get("Content-Length"))
    span.end()


def _failed(
    _handler: Any, _request: Any, _status: int = 500, exc: BaseException | None = None, *_args: Any
) -> None:
    span = request_span()
    if span is not None and exc is not None:
        span.fail(exc)
