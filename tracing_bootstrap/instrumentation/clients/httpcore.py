"""httpcore, and with it httpx, sync and async, HTTP/1.1 and HTTP/2: a span and the headers for each request.

Its connection pools are hooked, which httpx's transports and proxies share: a redirect, a retry and a challenge
for credentials are requests of their own there. The span lasts from the wait for a connection to the response's
headers.
"""

from __future__ import annotations

from tracing_bootstrap.instrumentation.clients.client_span import ClientSpan
from tracing_bootstrap.instrumentation.http_attributes import protocol_version
from tracing_bootstrap.instrumentation.patching import after, around, around_async
from tracing_bootstrap.recorder import tracer
from tracing_bootstrap.recorder.span import CLIENT

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_CAUSE = "an httpcore request could not be traced"

#: Among a request's extensions: how often it was sent before. httpx copies them from a request to its redirect's.
_RESENDS = "tracing_bootstrap.resends"

_PORTS = {b"http": 80, b"ws": 80, b"https": 443, b"wss": 443}


def patch_sync(module: Any) -> None:
    """Follow a request through a pool (httpcore._sync.connection_pool)."""
    around(module.ConnectionPool, "handle_request", _CAUSE, _begin, _end)


def patch_async(module: Any) -> None:
    """Follow a request through a pool (httpcore._async.connection_pool)."""
    around_async(module.AsyncConnectionPool, "handle_async_request", _CAUSE, _begin, _end)


def patch_httpx(module: Any) -> None:
    """Count the redirects of a request (httpx._client), which the pools cannot tell from other requests."""
    after(module.BaseClient, "_build_redirect_request", "redirects could not be counted", _count)


def _count(redirect: Any, _client: Any, request: Any, _response: Any) -> None:
    redirect.extensions[_RESENDS] = request.extensions.get(_RESENDS, 0) + 1


class CoreSpan(ClientSpan):
    """A client span that has taken httpcore's own values, all bytes."""

    method: bytes
    url: Any

    def describe(self) -> list[bytes]:
        """Return what its target makes (exporter thread)."""
        url = self.url
        default_port = _PORTS.get(url.scheme, 80)
        self.target = (
            self.method.decode("latin-1"),
            default_port,
            url.host.decode("latin-1"),
            url.port or default_port,
            url.target.decode("latin-1"),
        )
        return super().describe()


def _begin(_pool: Any, request: Any) -> tuple[CoreSpan, Any, list[tuple[bytes, bytes]]]:
    span = tracer.child(CoreSpan, "", CLIENT)
    headers = request.headers
    names = b"\n".join([name for name, _ in headers]).lower().decode("latin-1").split("\n")
    if span.on_end is not None:
        span.method = request.method
        span.url = request.url
        if _RESENDS in request.extensions:
            span.resends = request.extensions[_RESENDS]
        if "content-length" in names:
            span.request_size = headers[names.index("content-length")][1]
    added = tracer.headers(span, written=names)
    if added:
        request.headers = headers + [(name.encode(), value.encode("latin-1")) for name, value in added]
    return span, request, headers


def _end(
    begun: tuple[CoreSpan, Any, list[tuple[bytes, bytes]]], response: Any, exc: BaseException | None
) -> None:
    span, request, headers = begun
    # A request that the service sends once more must not seem to have trace headers of its own.
    request.headers = headers
    if span.on_end is None:
        return
    if exc is not None:
        span.fail(exc)
        span.protocol = None
    else:
        span.status_code = response.status
        version = response.extensions.get("http_version")
        if version != b"HTTP/1.1":
            span.protocol = protocol_version(version.decode("latin-1")) if version else None
        for name, value in response.headers:
            if name.lower() == b"content-length":
                span.response_size = value
                break
    span.end()
