"""The span of a request that the service sends with http.client."""

from __future__ import annotations

from tracing_bootstrap.instrumentation import http_attributes as http
from tracing_bootstrap.recorder.protobuf import integer_attribute, keep, name_and_kind, string_attribute
from tracing_bootstrap.recorder.span import CLIENT, ERROR, UNSET, Span

_HTTPS = 443

Target = tuple[str, int, str, "int | None", str]

# Attributes by the values that make them: what repeats from call to call is formatted and encoded once.
_targets: dict[tuple[object, ...], tuple[bytes, bytes | None]] = {}


class ClientSpan(Span):
    """A span of kind CLIENT; its values are taken as they are and described by the exporter thread."""

    #: Method, the scheme's own port, host, port, and the request's target: a path, or a whole URL to a proxy.
    target: Target
    status_code: int | None = None
    request_size: bytes | None = None
    response_size: int | None = None

    def describe(self) -> list[bytes]:
        """Return name, kind and the attributes of the HTTP client conventions, encoded."""
        key = (self.status_code, *self.target)
        known = _targets.get(key) or keep(
            _targets, key, _describe(self.status_code, self.target), self.target[4]
        )
        parts = [known[0]]
        if self.request_size is not None:
            parts += http.integer(
                "http.request.body.size", http.size(self.request_size.decode("latin-1").strip())
            )
        if self.response_size is not None:
            parts.append(integer_attribute("http.response.body.size", self.response_size))
        error = known[1]
        if error is not None:
            if self.status == UNSET:
                self.status = ERROR
            if self.attributes is None or "error.type" not in self.attributes:
                parts.append(error)
        return parts


def _describe(code: int | None, target: Target) -> tuple[bytes, bytes | None]:
    """Return what a call's target and answer make, and the error type where the answer is an error."""
    method, default_port, host, port, url = target
    name, parts = http.method_attributes(method)
    parts.append(string_attribute("server.address", host[:256]))
    parts += http.integer("server.port", port)
    parts.append(string_attribute("url.full", http.redact_url(_absolute(default_port, host, port, url))))
    # http.client speaks HTTP/1.1; its HTTP/1.0 is private API.
    parts.append(string_attribute("network.protocol.version", "1.1"))
    parts += http.integer("http.response.status_code", code)
    error = string_attribute("error.type", str(code)) if code is not None and code >= 400 else None
    return name_and_kind(name, CLIENT) + b"".join(parts), error


def _absolute(default_port: int, host: str, port: int | None, url: str) -> str:
    if "://" in url.partition("?")[0]:
        return url
    scheme = "https" if default_port == _HTTPS else "http"
    written = f"[{host}]" if ":" in host else host
    shown = "" if port in (None, default_port) else f":{port}"
    return f"{scheme}://{written}{shown}{url}"
