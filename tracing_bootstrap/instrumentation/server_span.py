"""The span of a request that a WSGI server received."""

from __future__ import annotations

from urllib.parse import quote, urlsplit

from tracing_bootstrap.instrumentation import http_attributes as http
from tracing_bootstrap.recorder.protobuf import integer_attribute, string_attribute
from tracing_bootstrap.recorder.span import ERROR, UNSET, Span

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

_LONGEST_PATH = 2_048
_LONGEST_AGENT = 512

# What a server span is described by. The values are taken in the request's thread, nothing else is done there,
# and the environ itself is not kept: it holds the request's sockets and streams.
_TAKEN = (
    "REQUEST_METHOD", "RAW_URI", "SCRIPT_NAME", "PATH_INFO", "QUERY_STRING", "wsgi.url_scheme", "HTTP_HOST",
    "SERVER_NAME", "SERVER_PORT", "SERVER_PROTOCOL", "REMOTE_ADDR", "REMOTE_PORT", "HTTP_X_FORWARDED_FOR",
    "HTTP_FORWARDED", "HTTP_USER_AGENT", "CONTENT_LENGTH",
)  # fmt: skip


def take(environ: dict[str, Any]) -> list[Any]:
    """Take from a WSGI environ (PEP 3333) what describes the request."""
    return list(map(environ.get, _TAKEN))


class ServerSpan(Span):
    """A span of kind SERVER, its request in the WSGI environ's terms, its response as far as it is known."""

    __slots__ = ("body_size", "request", "response", "route", "status_line")

    request: list[Any]

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.route: str | None = None
        #: The server's own response object while the request runs; asked at its end, and let go.
        self.response: Any = None
        #: "200 OK" as start_response gets it; None where the application never answered.
        self.status_line: str | None = None
        self.body_size: int | None = None

    def describe(self) -> tuple[str, list[bytes]]:
        """Return the name and the attributes of the HTTP server conventions."""
        (
            method, raw_uri, script, path, query, scheme, host, server_name, server_port, protocol,
            peer, peer_port, x_forwarded_for, forwarded, agent, length,
        ) = self.request  # fmt: skip
        name, parts = http.method_attributes(method or "")
        route = self.route
        if route is not None:
            name = f"{name} {route}"
            parts.append(string_attribute("http.route", route))
        parts += http.string("url.scheme", scheme)
        parts.append(string_attribute("url.path", _path(raw_uri, script, path)))
        if query:
            parts.append(string_attribute("url.query", http.redact_query(query)[:_LONGEST_PATH]))
        parts += _server(host, server_name, server_port, scheme)
        client = http.client_address(forwarded, x_forwarded_for, peer)
        if client:
            parts.append(string_attribute("client.address", client))
        if peer:
            parts.append(string_attribute("network.peer.address", peer))
            parts += http.integer("network.peer.port", http.size(str(peer_port)) if peer_port else None)
        parts += http.string("network.protocol.version", http.protocol_version(protocol))
        if agent:
            parts.append(string_attribute("user_agent.original", agent[:_LONGEST_AGENT]))
        parts += http.integer("http.request.body.size", http.size(length))
        parts += http.integer("http.response.body.size", self.body_size)
        return name, parts + self._outcome()

    def _outcome(self) -> list[bytes]:
        """Return status code and error type; a 5xx answer is an error of the server, a 4xx is not."""
        code = http.size((self.status_line or "")[:3])
        if code is None:
            return []
        parts = [integer_attribute("http.response.status_code", code)]
        if code >= 500:
            if self.status == UNSET:
                self.status = ERROR
            if self.attributes is None or "error.type" not in self.attributes:
                parts.append(string_attribute("error.type", str(code)))
        return parts


def _server(host: str | None, server_name: str | None, server_port: Any, scheme: str | None) -> list[bytes]:
    """Return server.address and server.port: what the client asked for, else where we listen."""
    if host:
        address, port = http.split_host(host)
        if port is None:
            port = 443 if scheme == "https" else 80
    else:
        address, port = server_name or "", http.size(str(server_port)) if server_port else None
    return [*http.string("server.address", address[:256]), *http.integer("server.port", port)]


def _path(raw_uri: str | None, script: str | None, path: str | None) -> str:
    """Return the path as it was sent where the server tells it, else encoded anew (PEP 3333, latin-1)."""
    if raw_uri:
        if not raw_uri.startswith("/"):
            raw_uri = urlsplit(raw_uri).path if "://" in raw_uri else raw_uri
        return raw_uri.partition("?")[0][:_LONGEST_PATH] or "/"
    whole = (script or "") + (path or "")
    if whole.isascii() and "%" not in whole and " " not in whole:
        return whole[:_LONGEST_PATH] or "/"
    return quote(whole.encode("latin-1", "replace"), safe="/:@!$&'()*+,;=~-._")[:_LONGEST_PATH]


def is_excluded(search: Callable[[str], object], environ: dict[str, Any]) -> bool:
    """Whether OTEL_PYTHON_EXCLUDED_URLS names this request's URL."""
    host = environ.get("HTTP_HOST") or environ.get("SERVER_NAME") or ""
    path = (environ.get("SCRIPT_NAME") or "") + (environ.get("PATH_INFO") or "")
    return search(f"{environ.get('wsgi.url_scheme')}://{host}{path}") is not None
