"""The span of a request that the service sends with http.client."""

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

_HTTPS = 443
_LONGEST_URL = 4_096

Target = tuple[str, int, str, "int | None", str]

# By method, scheme, host, port and status: what stands in front of a URL's path, what these make of the span, and
# the error type where the answer is an error. The URL itself hardly ever comes twice.
_kinds: dict[tuple[object, ...], tuple[str, bytes, bytes | None]] = {}


class ClientSpan(Span):
    """A span of kind CLIENT; its values are taken as they are and described by the exporter thread."""

    #: Method, the scheme's own port, host, port, and the request's target: a path, or a whole URL to a proxy.
    target: Target
    status_code: int | None = None
    request_size: bytes | None = None
    response_size: int | None = None

    def describe(self) -> list[bytes]:
        """Return name, kind and the attributes of the HTTP client conventions, encoded."""
        method, default_port, host, port, url = self.target
        kind = (method, default_port, host, port, self.status_code)
        origin, fixed, error = _kinds.get(kind) or keep(_kinds, kind, _describe(*kind), method, host)
        # To a proxy the whole URL is sent.
        full = origin + url if url[:1] == "/" else url
        if "?" in full or "@" in full or "#" in full:
            full = http.redact_url(full)
        parts = [fixed, fresh_string_attribute("url.full", full[:_LONGEST_URL])]
        if self.request_size is not None:
            parts += http.integer(
                "http.request.body.size", http.size(self.request_size.decode("latin-1").strip())
            )
        if self.response_size is not None:
            parts.append(integer_attribute("http.response.body.size", self.response_size))
        if error is not None:
            if self.status == UNSET:
                self.status = ERROR
            if self.attributes is None or "error.type" not in self.attributes:
                parts.append(error)
        return parts


def _describe(
    method: str, default_port: int, host: str, port: int | None, code: int | None
) -> tuple[str, bytes, bytes | None]:
    name, parts = http.method_attributes(method)
    parts.append(string_attribute("server.address", host[:256]))
    parts += http.integer("server.port", port)
    # http.client speaks HTTP/1.1; its HTTP/1.0 is private API.
    parts.append(string_attribute("network.protocol.version", "1.1"))
    parts += http.integer("http.response.status_code", code)
    error = string_attribute("error.type", str(code)) if code is not None and code >= 400 else None
    return _origin(default_port, host, port), name_and_kind(name, CLIENT) + b"".join(parts), error


def _origin(default_port: int, host: str, port: int | None) -> str:
    scheme = "https" if default_port == _HTTPS else "http"
    written = f"[{host}]" if ":" in host else host
    return f"{scheme}://{written}" + ("" if port in (None, default_port) else f":{port}")
