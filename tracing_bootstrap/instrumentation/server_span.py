"""The span of a request that a WSGI server received."""

from __future__ import annotations

from urllib.parse import quote, urlsplit

from tracing_bootstrap.instrumentation import http_attributes as http
from tracing_bootstrap.recorder import clock, ids
from tracing_bootstrap.recorder.protobuf import integer_attribute, string_attribute
from tracing_bootstrap.recorder.span import ERROR, SERVER, UNSET, Span

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, TypeVar

    V = TypeVar("V")

_LONGEST_PATH = 2_048
_LONGEST_AGENT = 512
_MOST_KEPT = 1_024
_LONGEST_KEY = 512

# Attributes by the values that make them: what repeats from request to request is formatted and encoded once.
_kinds_of_request: dict[tuple[Any, ...], tuple[str, bytes, bool]] = {}
_clients: dict[tuple[str | None, ...], bytes] = {}
_targets: dict[tuple[str | None, ...], bytes] = {}

# What a server span is described by. The values are taken in the request's thread, nothing else is done there, and
# the environ itself is not kept: it holds the request's sockets and streams.
_TAKEN = (
    "REQUEST_METHOD", "wsgi.url_scheme", "HTTP_HOST", "SERVER_NAME", "SERVER_PORT", "SERVER_PROTOCOL",
    "RAW_URI", "SCRIPT_NAME", "PATH_INFO", "QUERY_STRING",
    "REMOTE_ADDR", "HTTP_X_FORWARDED_FOR", "HTTP_FORWARDED", "HTTP_USER_AGENT",
    "CONTENT_LENGTH",
)  # fmt: skip


def take(environ: dict[str, Any]) -> list[Any]:
    """Take from a WSGI environ (PEP 3333) what describes the request."""
    return list(map(environ.get, _TAKEN))


class ServerSpan(Span):
    """A span of kind SERVER, its request in the WSGI environ's terms, its response as far as it is known."""

    name = ""
    kind = SERVER
    parent_remote = True
    route: str | None = None
    #: "200 OK" as start_response gets it; None where the application never answered.
    status_line: str | None = None
    body_size: int | None = None
    request: list[Any]

    def __init__(
        self,
        trace_id: str,
        parent_id: str,
        flags: int,
        tracestate: str,
        baggage: str,
        on_end: Callable[[Span], None] | None,
    ) -> None:
        # Not through Span's own: this is on every request's way.
        self.trace_id = trace_id
        self.span_id = ids.span_id()
        self.parent_id = parent_id
        self.flags = flags
        if tracestate:
            self.tracestate = tracestate
        if baggage:
            self.baggage = baggage
        self.on_end = on_end
        self.recording = on_end is not None
        self.start_ns = clock.now()

    def describe(self) -> tuple[str, list[bytes]]:
        """Return the name and the attributes of the HTTP server conventions."""
        request = self.request
        status = self.status_line
        kind = (self.route, status[:3] if status else None, *request[:6])
        known = _kinds_of_request.get(kind) or _keep(_kinds_of_request, kind, _describe_kind(*kind))
        name, fixed, failed = known
        target = tuple(request[6:10])
        client = tuple(request[10:14])
        parts = [
            fixed,
            _targets.get(target) or _keep(_targets, target, _describe_target(*target)),
            _clients.get(client) or _keep(_clients, client, _describe_client(*client)),
        ]
        if request[14]:
            parts += http.integer("http.request.body.size", http.size(request[14]))
        if self.body_size is not None:
            parts.append(integer_attribute("http.response.body.size", self.body_size))
        if failed:
            # A 5xx answer is an error of the server, a 4xx is not.
            if self.status == UNSET:
                self.status = ERROR
            if self.attributes is None or "error.type" not in self.attributes:
                parts.append(string_attribute("error.type", kind[1] or ""))
        return name, parts


def _keep(table: dict[Any, V], key: tuple[str | None, ...], value: V) -> V:
    """Remember a value unless its key is long; a table that is full is emptied."""
    if sum(len(part) for part in key if part) <= _LONGEST_KEY:
        if len(table) >= _MOST_KEPT:
            table.clear()
        table[key] = value
    return value


def _describe_kind(
    route: str | None,
    status: str | None,
    method: str | None,
    scheme: str | None,
    host: str | None,
    server_name: str | None,
    server_port: str | None,
    protocol: str | None,
) -> tuple[str, bytes, bool]:
    """Return the span's name, the attributes that few values make, and whether the server failed."""
    name, parts = http.method_attributes(method or "")
    if route is not None:
        name = f"{name} {route}"
        parts.append(string_attribute("http.route", route))
    parts += http.string("url.scheme", scheme)
    parts += _server(host, server_name, server_port, scheme)
    parts += http.string("network.protocol.version", http.protocol_version(protocol))
    code = http.size(status)
    parts += http.integer("http.response.status_code", code)
    return name, b"".join(parts), code is not None and code >= 500


def _describe_target(raw_uri: str | None, script: str | None, path: str | None, query: str | None) -> bytes:
    parts = [string_attribute("url.path", _path(raw_uri, script, path))]
    if query:
        parts.append(string_attribute("url.query", http.redact_query(query)[:_LONGEST_PATH]))
    return b"".join(parts)


def _describe_client(
    peer: str | None, x_forwarded_for: str | None, forwarded: str | None, agent: str | None
) -> bytes:
    client = http.client_address(forwarded, x_forwarded_for, peer)
    return b"".join(
        [
            *http.string("client.address", client),
            *http.string("network.peer.address", peer),
            *http.string("user_agent.original", agent and agent[:_LONGEST_AGENT]),
        ]
    )


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
