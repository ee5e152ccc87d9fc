"""The span of a request that a WSGI server received."""

from __future__ import annotations

from _operator import itemgetter

from tracing_bootstrap.instrumentation import http_attributes as http
from tracing_bootstrap.recorder import clock, ids
from tracing_bootstrap.recorder.context import current
from tracing_bootstrap.recorder.protobuf import (
    fresh_string_attribute,
    integer_attribute,
    keep,
    name_and_kind,
    string_attribute,
)
from tracing_bootstrap.recorder.span import ERROR, SERVER, UNSET, Span

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

_bits = ids.bits
_LONGEST_PATH = 2_048
_LONGEST_AGENT = 512

# Attributes by the values that make them: what repeats from request to request is formatted and encoded once.
_kinds: dict[tuple[str | None, ...], tuple[bytes, bytes | None]] = {}
_clients: dict[tuple[str | None, ...], bytes] = {}

# What a server span is described by. The values are taken in the request's thread, nothing else is done there, and
# the environ itself is not kept: it holds the request's sockets and streams.
_USUAL = (
    "REQUEST_METHOD", "wsgi.url_scheme", "HTTP_HOST", "SERVER_PROTOCOL", "RAW_URI", "REMOTE_ADDR", "HTTP_USER_AGENT",
)  # fmt: skip
_TAKEN = (*_USUAL, "HTTP_X_FORWARDED_FOR", "HTTP_FORWARDED", "CONTENT_LENGTH")
_FEW = len(_USUAL)
_take_usual = itemgetter(*_USUAL)
_HOST = _TAKEN.index("HTTP_HOST")
_TARGET = _TAKEN.index("RAW_URI")


def take(environ: dict[str, Any]) -> tuple[Any, ...]:
    """Take from a WSGI environ (PEP 3333) what describes the request; the last three only if one of them is there."""
    if not ("HTTP_X_FORWARDED_FOR" in environ or "CONTENT_LENGTH" in environ or "HTTP_FORWARDED" in environ):
        try:
            usual: tuple[Any, ...] = _take_usual(environ)
        except KeyError:
            # A server or a client that does not tell all of it.
            pass
        else:
            return usual
    taken = tuple(map(environ.get, _TAKEN))
    if taken[_TARGET] is None or taken[_HOST] is None:
        return _take_elsewhere(taken, environ)
    return taken


def _take_elsewhere(taken: tuple[Any, ...], environ: dict[str, Any]) -> tuple[Any, ...]:
    """Replace what not every server and client tells: the target as it was sent, the host that was asked."""
    values = list(taken)
    if values[_TARGET] is None:
        values[_TARGET] = tuple(map(environ.get, ("SCRIPT_NAME", "PATH_INFO", "QUERY_STRING")))
    if values[_HOST] is None:
        values[_HOST] = f"{environ.get('SERVER_NAME', '')}:{environ.get('SERVER_PORT', '')}"
    return tuple(values)


class _MadeWhenAsked:
    """The id of a span that is not recorded: most often nobody ever asks for it."""

    def __get__(self, span: Span | None, _owner: type) -> str:
        made = f"{_bits(64) or 1:016x}"
        if span is not None:
            # From now on the span's own attribute is found first.
            span.span_id = made
        return made


class ServerSpan(Span):
    """A span of kind SERVER, its request in the WSGI environ's terms, its response as far as it is known."""

    name = ""
    kind = SERVER
    parent_remote = True
    span_id = _MadeWhenAsked()
    route: str | None = None
    #: "200 OK" as start_response gets it; None where the application never answered.
    status_line: str | None = None
    body_size: int | None = None
    request: tuple[Any, ...]

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
        if on_end is not None:
            self.span_id = (_bits(64) or 1).to_bytes(8).hex()
        self.parent_id = parent_id
        self.flags = flags
        if tracestate:
            self.tracestate = tracestate
        if baggage:
            self.baggage = baggage
        self.on_end = on_end
        self.start_ns = clock.now()

    def describe(self) -> list[bytes]:
        """Return name, kind and the attributes of the HTTP server conventions, encoded."""
        request = self.request
        if len(request) == _FEW:
            method, scheme, host, protocol, target, peer, agent = request
            x_forwarded_for = forwarded = length = None
        else:
            method, scheme, host, protocol, target, peer, agent, x_forwarded_for, forwarded, length = request
        kind = (self.route, self.status_line, method, scheme, host, protocol)
        client = (peer, agent, x_forwarded_for, forwarded)
        known = _kinds.get(kind) or keep(_kinds, kind, describe_kind(*kind), *kind)
        parts = [
            known[0],
            describe_target(target),
            _clients.get(client) or keep(_clients, client, describe_client(*client), *client),
        ]
        if length:
            parts += http.integer("http.request.body.size", http.size(length))
        if self.body_size is not None:
            parts.append(integer_attribute("http.response.body.size", self.body_size))
        error = known[1]
        if error is not None:
            # A 5xx answer is an error of the server, a 4xx is not.
            if self.status == UNSET:
                self.status = ERROR
            if self.attributes is None or "error.type" not in self.attributes:
                parts.append(error)
        return parts


class _Part:
    """An id that stands in the header that the caller sent."""

    def __init__(self, name: str, start: int, end: int) -> None:
        self._name = name
        self._start = start
        self._end = end

    def __get__(self, span: CarriedSpan | None, _owner: type) -> str:
        if span is None:
            return ""
        part = span.header[self._start : self._end]
        # From now on the span's own attribute is found first.
        setattr(span, self._name, part)
        return part


class CarriedSpan(ServerSpan):
    """A request in a trace that is not sampled: its traceparent, valid, of which nothing is read until asked for."""

    flags = 0
    on_end = None
    trace_id = _Part("trace_id", 3, 35)
    parent_id = _Part("parent_id", 36, 52)

    def __init__(self, header: str) -> None:
        self.header = header
        self.start_ns = clock.now()


def describe_kind(
    route: str | None,
    status_line: str | None,
    method: str | None,
    scheme: str | None,
    host: str,
    protocol: str | None,
) -> tuple[bytes, bytes | None]:
    """Return what few values make, and the error type where the server failed."""
    name, parts = http.method_attributes(method or "")
    if route is not None:
        name = f"{name} {route}"
        parts.append(string_attribute("http.route", route))
    parts += http.string("url.scheme", scheme)
    address, port = http.split_host(host)
    if port is None:
        port = 443 if scheme in ("https", "wss") else 80
    parts += http.string("server.address", address[:256])
    parts += http.integer("server.port", port)
    parts += http.string("network.protocol.version", http.protocol_version(protocol))
    code = http.size(status_line[:3]) if status_line else None
    parts += http.integer("http.response.status_code", code)
    error = string_attribute("error.type", str(code)) if code is not None and code >= 500 else None
    return name_and_kind(name, SERVER) + b"".join(parts), error


def describe_target(target: str | tuple[str | None, ...]) -> bytes:
    """Return url.path and url.query: the path as it was sent where the server tells it, else encoded anew."""
    if isinstance(target, str):
        if target[:1] == "/" and "?" not in target:
            return fresh_string_attribute("url.path", target[:_LONGEST_PATH])
        if target[:1] != "/" and "://" in target:
            # Absolute form (RFC 9112, section 3.2.2).
            from urllib.parse import urlsplit

            parts = urlsplit(target)
            path, query = parts.path, parts.query
        else:
            path, _, query = target.partition("?")
    else:
        from urllib.parse import quote

        script, info, given = target
        # PEP 3333: percent-decoded, then decoded as latin-1.
        whole = ((script or "") + (info or "")).encode("latin-1", "replace")
        path, query = quote(whole, safe="/:@!$&'()*+,;=~-._"), given or ""
    encoded = fresh_string_attribute("url.path", path[:_LONGEST_PATH] or "/")
    if query:
        encoded += fresh_string_attribute("url.query", http.redact_query(query)[:_LONGEST_PATH])
    return encoded


def describe_client(
    peer: str | None, agent: str | None, x_forwarded_for: str | None, forwarded: str | None
) -> bytes:
    """Return the attributes of who asked."""
    client = http.client_address(forwarded, x_forwarded_for, peer)
    return b"".join(
        [
            *http.string("client.address", client),
            *http.string("network.peer.address", peer),
            *http.string("user_agent.original", agent and agent[:_LONGEST_AGENT]),
        ]
    )


def is_excluded(search: Callable[[str], object], environ: dict[str, Any]) -> bool:
    """Whether OTEL_PYTHON_EXCLUDED_URLS names this request's URL."""
    host = environ.get("HTTP_HOST") or environ.get("SERVER_NAME") or ""
    path = (environ.get("SCRIPT_NAME") or "") + (environ.get("PATH_INFO") or "")
    return search(f"{environ.get('wsgi.url_scheme')}://{host}{path}") is not None


def request_span() -> ServerSpan | None:
    """Return the span of the request that is being handled, recorded or not."""
    value = current.get()
    span = None if value is None else value.span
    if span is not None and not isinstance(span, ServerSpan):
        span = span.entry
    return span if isinstance(span, ServerSpan) else None


def name_route(template: str, root: str | None = None) -> None:
    """Tell the request's span which route matched: the framework's template, below the application's root.

    `root` is where the application is mounted (PEP 3333's SCRIPT_NAME): `http.route` contains it.
    """
    span = request_span()
    if span is not None:
        span.route = root.rstrip("/") + template if root else template


def record_failure(exc: object) -> None:
    """Record on the request's span an exception that its framework answers itself."""
    span = request_span()
    if span is not None and isinstance(exc, BaseException):
        span.fail(exc)
