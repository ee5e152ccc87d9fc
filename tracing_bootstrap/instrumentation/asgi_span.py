"""The span of a request, or of a WebSocket connection, that an ASGI server received."""

from __future__ import annotations

import sys

from tracing_bootstrap.instrumentation import http_attributes as http
from tracing_bootstrap.instrumentation import server_span
from tracing_bootstrap.instrumentation.server_span import ServerSpan
from tracing_bootstrap.recorder.context import current
from tracing_bootstrap.recorder.protobuf import integer_attribute, keep
from tracing_bootstrap.recorder.span import ERROR, UNSET

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

# What a span is described by. The values are taken in the request's task, nothing else is done there, and the scope
# itself is not kept: it holds the application, its state, and whatever middleware put into it.
_TAKEN = ("type", "method", "scheme", "http_version", "raw_path", "path", "query_string", "client", "server")
_HEADERS = (b"host", b"x-forwarded-for", b"forwarded", b"user-agent", b"content-length")

# As in server_span: by the values that make them, formatted and encoded once.
_kinds: dict[tuple[object, ...], tuple[bytes, bytes | None]] = {}
_clients: dict[tuple[object, ...], bytes] = {}

_exc_info = sys.exc_info


def take(scope: Mapping[str, Any], headers: Mapping[bytes, bytes]) -> tuple[Any, ...]:
    """Take from a scope and its headers (ASGI 3, "HTTP & WebSocket") what describes the request."""
    return (*map(scope.get, _TAKEN), *map(headers.get, _HEADERS))


class AsgiSpan(ServerSpan):
    """A span of kind SERVER, its request in an ASGI scope's terms."""

    #: The response's status; None where nothing was answered.
    status_code: int | None = None
    #: What the mounts that the request has passed have taken of its route.
    mounted = ""

    def sent(self, message: Mapping[str, Any]) -> None:
        """See a message that the application sends: the status, the size, and when the response is complete."""
        kind = message["type"]
        if kind == "http.response.body":
            body = message.get("body")
            if body:
                self.body_size = (self.body_size or 0) + len(body)
            if not message.get("more_body"):
                self.end()
        elif kind in {"http.response.start", "websocket.http.response.start"}:
            status = self.status_code = message["status"]
            if status >= 500:
                # Frameworks answer for a handler that raised, within the handling of what it raised.
                exc = _exc_info()[1]
                if exc is not None:
                    self.fail(exc)
        elif kind == "websocket.accept":
            self.status_code = 101
        elif kind == "websocket.close":
            if self.status_code is None:
                # Closed before it was accepted: the server denies the handshake (ASGI, "Close - send event").
                self.status_code = 403
        elif kind == "http.response.pathsend" or (
            kind == "http.response.zerocopysend" and not message.get("more_body")
        ):
            self.end()

    def describe(self) -> list[bytes]:
        """Return name, kind and the attributes of the HTTP server conventions, encoded."""
        (
            scope_type, method, scheme, version, raw_path, path, query, client, server,
            host, x_forwarded_for, forwarded, agent, length,
        ) = self.request  # fmt: skip
        if scope_type == "websocket":
            # Both may be missing there, and there is no method: the handshake's is that of RFC 6455, section 4.1,
            # or of RFC 8441, section 4.
            version = version or "1.1"
            scheme = scheme or "ws"
            method = "GET" if version[0] == "1" else "CONNECT"
        origin = host if host is not None else tuple(server or ("", None))
        kind = (self.route, self.status_code, method, scheme, origin, version)
        peer = client[0] if client else None
        caller = (peer, x_forwarded_for, forwarded, agent)
        known = _kinds.get(kind) or keep(
            _kinds, kind, _describe_kind(*kind), self.route, method, scheme, host
        )
        parts = [
            known[0],
            server_span.describe_target(_target(raw_path, path, query)),
            _clients.get(caller) or keep(_clients, caller, _describe_client(*caller), *caller),
        ]
        if length:
            parts += http.integer("http.request.body.size", http.size(_text(length)))
        if self.body_size is not None and method != "HEAD":
            parts.append(integer_attribute("http.response.body.size", self.body_size))
        error = known[1]
        if error is not None:
            if self.status == UNSET:
                self.status = ERROR
            if self.attributes is None or "error.type" not in self.attributes:
                parts.append(error)
        return parts


def _text(value: bytes | None) -> str | None:
    return None if value is None else bytes(value).decode("latin-1")


def _describe_kind(
    route: str | None,
    status: int | None,
    method: str | None,
    scheme: str | None,
    origin: bytes | tuple[Any, ...],
    version: str | None,
) -> tuple[bytes, bytes | None]:
    if isinstance(origin, tuple):
        # A UNIX domain socket has a path, and no port.
        name, port = origin
        host = name if port is None else f"{name}:{port}"
    else:
        host = origin.decode("latin-1")
    return server_span.describe_kind(
        route, None if status is None else str(status), method, scheme, host, f"HTTP/{version}"
    )


def _describe_client(
    peer: str | None, x_forwarded_for: bytes | None, forwarded: bytes | None, agent: bytes | None
) -> bytes:
    return server_span.describe_client(peer, _text(agent), _text(x_forwarded_for), _text(forwarded))


def _target(raw_path: bytes | None, path: str | None, query: bytes | None) -> str:
    """Return path and query as they were sent; where the server does not tell, the path encoded anew."""
    if raw_path:
        target = raw_path.decode("latin-1")
    else:
        from urllib.parse import quote

        target = quote(path or "/", safe="/:@!$&'()*+,;=~-._", errors="replace")
    # raw_path is without the query by the specification; some servers have had it in there.
    return f"{target.partition('?')[0]}?{query.decode('latin-1')}" if query else target


def asgi_span() -> AsgiSpan | None:
    """Return the span of the ASGI request that is being handled, recorded or not."""
    span = current.get()
    if span.__class__ is AsgiSpan:
        return span
    # A span of the service's own, made in a middleware around the application.
    found = server_span.request_span()
    return found if isinstance(found, AsgiSpan) else None


def is_excluded(
    search: Callable[[str], object], scope: Mapping[str, Any], headers: Mapping[bytes, bytes]
) -> bool:
    """Whether OTEL_PYTHON_EXCLUDED_URLS names this request's URL."""
    server = scope.get("server")
    host = _text(headers.get(b"host")) or (server[0] if server else "")
    return search(f"{scope.get('scheme', 'http')}://{host}{scope.get('path', '')}") is not None
