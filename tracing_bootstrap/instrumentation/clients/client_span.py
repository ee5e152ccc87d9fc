"""The span of an HTTP request that the service sends."""

from __future__ import annotations

from tracing_bootstrap.instrumentation import http_attributes as http
from tracing_bootstrap.recorder.protobuf import (
    fresh_string_attribute,
    integer_attribute,
    keep,
    name_and_kind,
    string_attribute,
)
from tracing_bootstrap.recorder.span import CLIENT, ERROR, UNSET, Span

_HTTP = 80
_HTTPS = 443
_LONGEST_URL = 4_096

Target = tuple[str, int, str, "int | None", str]

# By method, scheme, host, port, status and protocol: what stands in front of a URL's path, what these make of the
# span, and the error type where the answer is an error. The URL itself hardly ever comes twice.
_kinds: dict[tuple[object, ...], tuple[str, bytes, bytes | None]] = {}


class ClientSpan(Span):
    """A span of kind CLIENT; its values are taken as they are and described by the exporter thread."""

    #: Method, the scheme's own port, host, port, and the request's target: a path, or a whole URL to a proxy.
    target: Target
    status_code: int | None = None
    #: The protocol's version; None where it is not known.
    protocol: str | None = "1.1"
    #: How often the request had been sent before: redirects and retries.
    resends = 0
    #: The Content-Length headers.
    request_size: bytes | str | None = None
    response_size: int | str | None = None

    def describe(self) -> list[bytes]:
        """Return name, kind and the attributes of the HTTP client conventions, encoded."""
        return self.describe_request(*self.target)

    def describe_request(
        self, method: str, default_port: int, host: str, port: int | None, url: str
    ) -> list[bytes]:
        """Return the same of a span whose target is kept in other terms."""
        if url[:1] != "/" and "://" in url:
            # To a proxy the whole URL is sent: its host is the one that is called.
            method, default_port, host, port, url = split_url(method, url)
        kind = (method, default_port, host, port, self.status_code, self.protocol)
        origin, fixed, error = _kinds.get(kind) or keep(_kinds, kind, _describe(*kind), method, host)
        full = origin + url if url[:1] == "/" else url
        if "?" in full or "@" in full or "#" in full:
            full = http.redact_url(full)
        parts = [fixed, fresh_string_attribute("url.full", full[:_LONGEST_URL])]
        if self.resends:
            parts.append(integer_attribute("http.request.resend_count", self.resends))
        if self.request_size is not None:
            parts += http.integer("http.request.body.size", _size(self.request_size))
        if self.response_size is not None:
            parts += http.integer("http.response.body.size", _size(self.response_size))
        if error is not None:
            if self.status == UNSET:
                self.status = ERROR
            if self.attributes is None or "error.type" not in self.attributes:
                parts.append(error)
        return parts


def _describe(
    method: str, default_port: int, host: str, port: int | None, code: int | None, protocol: str | None
) -> tuple[str, bytes, bytes | None]:
    name, parts = http.method_attributes(method)
    parts.append(string_attribute("server.address", host[:256]))
    parts += http.integer("server.port", port)
    parts += http.string("network.protocol.version", protocol)
    parts += http.integer("http.response.status_code", code)
    error = string_attribute("error.type", str(code)) if code is not None and code >= 400 else None
    return _origin(default_port, host, port), name_and_kind(name, CLIENT) + b"".join(parts), error


def _size(value: bytes | str | int) -> int | None:
    if isinstance(value, int):
        return value
    text = value.decode("latin-1") if isinstance(value, bytes) else value
    return http.size(text.strip())


def split_url(method: str, url: str) -> Target:
    """Return the target that an absolute URL makes (exporter thread)."""
    from urllib.parse import urlsplit

    parts = urlsplit(url)
    default_port = _HTTPS if parts.scheme in ("https", "wss") else _HTTP
    try:
        port = parts.port
    except ValueError:
        port = None
    path = parts.path or "/"
    return (
        method,
        default_port,
        parts.hostname or "",
        port or default_port,
        f"{path}?{parts.query}" if parts.query else path,
    )


def _origin(default_port: int, host: str, port: int | None) -> str:
    scheme = "https" if default_port == _HTTPS else "http"
    written = f"[{host}]" if ":" in host else host
    return f"{scheme}://{written}" + ("" if port in (None, default_port) else f":{port}")
