"""tornado's AsyncHTTPClient, the simple one and the one of curl, and its WebSocket client: a span for each attempt.

The headers are added to the request's own, and taken away again when the response's are there: a service may send
the same request object once more, and the simple client makes a redirect's request from it.
"""

from __future__ import annotations

from tracing_bootstrap.instrumentation.clients.client_span import ClientSpan, split_url
from tracing_bootstrap.instrumentation.patching import before
from tracing_bootstrap.recorder import tracer
from tracing_bootstrap.recorder.span import CLIENT, ERROR

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_CAUSE = "a tornado client's request could not be traced"
_END_CAUSE = "the span of a tornado client's request could not be ended"
_REDIRECTS = frozenset((301, 302, 303, 307, 308))


def patch_simple(module: Any) -> None:
    """Follow a request through the simple client (tornado.simple_httpclient)."""
    client = module.SimpleAsyncHTTPClient
    before(client, "fetch_impl", _CAUSE, _begin)
    before(client, "_on_timeout", _END_CAUSE, _never_sent)
    connection = module._HTTPConnection
    before(connection, "__init__", _CAUSE, _begin_websocket)
    before(connection, "headers_received", _END_CAUSE, _answered)
    before(connection, "_run_callback", _END_CAUSE, _done)


def patch_websocket(module: Any) -> None:
    """End the span of a WebSocket's handshake (tornado.websocket)."""
    before(module.WebSocketClientConnection, "headers_received", _END_CAUSE, _answered)


def patch_curl(module: Any) -> None:
    """Follow a request through curl (tornado.curl_httpclient); it redirects by itself: one span for all."""
    client = module.CurlAsyncHTTPClient
    before(client, "fetch_impl", _CAUSE, _begin)
    code_of = module.pycurl.HTTP_CODE

    def finish(_client: Any, curl: Any, error: int | None = None, message: str | None = None) -> None:
        request = _own(curl.info["request"])
        span = _take(request)
        if span is None:
            return
        if error:
            span.protocol = None
            span.set_attribute("error.type", f"curl.{error}")
            span.set_status(ERROR, message)
        else:
            span.status_code = curl.getinfo(code_of)
        span.end()

    before(client, "_finish", _END_CAUSE, finish)


class FetchSpan(ClientSpan):
    """A client span that has taken method and URL; `added` are the headers of ours on the request."""

    method: str
    url: str
    added: list[tuple[str, str]]

    def describe(self) -> list[bytes]:
        """Return what its URL makes (exporter thread)."""
        self.target = split_url(self.method, self.url)
        return super().describe()


def _own(request: Any) -> Any:
    """Return the HTTPRequest below the proxy that adds the client's defaults."""
    return vars(request).get("request", request)


def _begin_websocket(_connection: Any, client: Any, request: Any, *_args: Any) -> None:
    if client is None:
        _begin(client, request)


def _begin(_client: Any, request: Any, *_callback: Any) -> None:
    own = _own(request)
    span = tracer.child(FetchSpan, "", CLIENT)
    headers = own.headers
    span.added = tracer.headers(span, written={name.lower() for name in headers})
    for name, value in span.added:
        headers[name] = value
    if span.on_end is not None:
        span.method = own.method
        span.url = own.url
        span.request_size = headers.get("Content-Length")
        if "original_request" in vars(own):
            # A redirect's request.
            span.resends = vars(own).get("tracing_resends", 0)
    own.tracing_span = span


def _take(own: Any) -> FetchSpan | None:
    """Take the span off the request, and its headers."""
    span: FetchSpan | None = vars(own).get("tracing_span")
    if span is None:
        return None
    own.tracing_span = None
    for name, value in span.added:
        if own.headers.get(name) == value:
            del own.headers[name]
    return span


def _answered(connection: Any, first_line: Any, headers: Any) -> None:
    code = first_line.code
    if 100 <= code < 200 and code != 101:
        return
    request = connection.request
    own = _own(request)
    span = _take(own)
    if span is None:
        return
    if code in _REDIRECTS and request.follow_redirects and request.max_redirects:
        # The redirect's request will be a copy of this one.
        own.tracing_resends = span.resends + 1
    span.status_code = code
    span.response_size = headers.get("Content-Length")
    if first_line.version != "HTTP/1.1":
        span.protocol = first_line.version.removeprefix("HTTP/")
    span.end()


def _done(connection: Any, response: Any) -> None:
    span = _take(_own(connection.request))
    if span is not None:
        _fail(span, response.error)


def _never_sent(client: Any, key: Any, *_info: Any) -> None:
    span = _take(_own(client.waiting[key][0]))
    if span is not None:
        _fail(span, TimeoutError("no connection was free in time"))


def _fail(span: FetchSpan, exc: BaseException | None) -> None:
    if exc is not None:
        span.fail(exc)
        span.protocol = None
    span.end()
