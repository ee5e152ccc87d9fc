"""The span of a request that the service sends with http.client."""

from __future__ import annotations

from tracing_bootstrap.instrumentation import http_attributes as http
from tracing_bootstrap.recorder.protobuf import integer_attribute, name_and_kind, string_attribute
from tracing_bootstrap.recorder.span import CLIENT, ERROR, UNSET, Span


class ClientSpan(Span):
    """A span of kind CLIENT; its values are taken as they are and described by the exporter thread."""

    method = ""
    scheme = "http"
    host = ""
    port: int | None = None
    #: The request's target: a path, or a whole URL where the request goes through a proxy.
    url = ""
    status_code: int | None = None
    request_size: bytes | None = None
    response_size: int | None = None

    def describe(self) -> list[bytes]:
        """Return name, kind and the attributes of the HTTP client conventions, encoded."""
        name, parts = http.method_attributes(self.method)
        parts.append(string_attribute("server.address", self.host[:256]))
        parts += http.integer("server.port", self.port)
        parts.append(string_attribute("url.full", http.redact_url(self._url())))
        # http.client speaks HTTP/1.1; its HTTP/1.0 is private API.
        parts.append(string_attribute("network.protocol.version", "1.1"))
        if self.request_size is not None:
            parts += http.integer("http.request.body.size", http.size(self.request_size.decode("latin-1")))
        parts += http.integer("http.response.body.size", self.response_size)
        code = self.status_code
        if code is not None:
            parts.append(integer_attribute("http.response.status_code", code))
            if code >= 400:
                if self.status == UNSET:
                    self.status = ERROR
                if self.attributes is None or "error.type" not in self.attributes:
                    parts.append(string_attribute("error.type", str(code)))
        parts.append(name_and_kind(name, CLIENT))
        return parts

    def _url(self) -> str:
        if "://" in self.url.partition("?")[0]:
            return self.url
        host = f"[{self.host}]" if ":" in self.host else self.host
        default = 443 if self.scheme == "https" else 80
        port = "" if self.port in (None, default) else f":{self.port}"
        return f"{self.scheme}://{host}{port}{self.url}"
