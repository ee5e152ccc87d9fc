"""aiohttp's client: a span and the headers for each attempt of a request.

A request is followed from the wait for a connection (`connect`) through its headers (`send`) to the response's
headers (`start`). aiohttp's own tracing hooks see redirects as one request and cannot carry a header for each.
"""

from __future__ import annotations

from contextvars import ContextVar

from tracing_bootstrap.instrumentation.clients.client_span import ClientSpan, split_url
from tracing_bootstrap.instrumentation.patching import around_async
from tracing_bootstrap.recorder import tracer
from tracing_bootstrap.recorder.span import CLIENT

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_CAUSE = "an aiohttp request could not be traced"
_REDIRECTS = frozenset((301, 302, 303, 307, 308))

#: The last redirect that was answered here: the timer, which all attempts of one request share, and its number.
_redirected: ContextVar[tuple[Any, int] | None] = ContextVar("tracing_aiohttp_redirected", default=None)


def patch_connector(module: Any) -> None:
    """Begin a span where a connection is asked for (aiohttp.connector)."""
    around_async(module.BaseConnector, "connect", _CAUSE, _begin, _connected)


def patch_reqrep(module: Any) -> None:
    """Write the headers, and end the span with the response's (aiohttp.client_reqrep)."""
    around_async(module.ClientRequest, "send", _CAUSE, _inject, _sent)
    around_async(module.ClientResponse, "start", _CAUSE, _take, _end)


class UrlSpan(ClientSpan):
    """A client span that has taken method and URL as they are."""

    method: str
    url: Any
    #: The timer, see `_redirected`; the attempt's number; the headers that were added.
    timer: Any = None
    attempt = 0
    added: list[tuple[str, str]] | None = None

    def describe(self) -> list[bytes]:
        """Return what its URL makes (exporter thread)."""
        self.target = split_url(self.method, str(self.url))
        return super().describe()


def _begin(_connector: Any, request: Any, *_args: Any) -> UrlSpan:
    span = tracer.child(UrlSpan, "", CLIENT)
    timer = span.timer = getattr(request, "_timer", None)
    before = getattr(request, "tracing_span", None)
    if before is not None:
        # A middleware sends the request once more.
        span.attempt = before.attempt + 1
        for name, value in before.added or ():
            if request.headers.get(name) == value:
                del request.headers[name]
    else:
        last = _redirected.get()
        if last is not None:
            _redirected.set(None)
            if timer is not None and last[0] is timer:
                span.attempt = last[1]
    request.tracing_span = span
    if span.on_end is not None:
        span.resends = span.attempt
        span.method = request.method
        span.url = request.url
    return span


def _connected(span: UrlSpan, _connection: Any, exc: BaseException | None) -> None:
    if exc is not None:
        _fail(span, exc)


def _inject(request: Any, *_args: Any) -> UrlSpan | None:
    span: UrlSpan | None = getattr(request, "tracing_span", None)
    if span is None:
        # The request to a proxy for a tunnel.
        return None
    headers = request.headers
    span.added = tracer.headers(span, written=headers)
    for name, value in span.added:
        headers[name] = value
    if span.on_end is not None:
        span.request_size = headers.get("Content-Length")
    return span


def _sent(span: UrlSpan, response: Any, exc: BaseException | None) -> None:
    if exc is not None:
        _fail(span, exc)
    else:
        response.tracing_span = span


def _take(response: Any, *_args: Any) -> tuple[UrlSpan, Any] | None:
    span = response.__dict__.pop("tracing_span", None)
    return None if span is None else (span, response)


def _end(taken: tuple[UrlSpan, Any], _started: Any, exc: BaseException | None) -> None:
    span, response = taken
    if exc is not None:
        _fail(span, exc)
        return
    status = response.status
    if status in _REDIRECTS:
        _redirected.set((span.timer, span.attempt + 1))
    span.timer = None
    if span.on_end is None:
        return
    span.status_code = status
    version = response.version
    if version is not None and version.minor != 1:
        span.protocol = f"{version.major}.{version.minor}"
    span.response_size = response.headers.get("Content-Length")
    span.end()


def _fail(span: UrlSpan, exc: BaseException) -> None:
    span.timer = None
    span.fail(exc)
    span.protocol = None
    span.end()
