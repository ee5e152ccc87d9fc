"""http.client, and with it urllib, urllib3, requests and botocore: a span and the headers for each request.

The span lasts from `putrequest` to the response's headers; what a service then reads of the body is its own
time. One span is made per attempt: redirects and retries are requests of their own, as the HTTP conventions say.
"""

from __future__ import annotations

from tracing_bootstrap import guard
from tracing_bootstrap.instrumentation.client_span import ClientSpan
from tracing_bootstrap.instrumentation.patching import replace
from tracing_bootstrap.propagation import traceparent
from tracing_bootstrap.recorder import tracer
from tracing_bootstrap.recorder.span import CLIENT

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

_SPAN = "_tracing_span"
#: A connection that carries this attribute is ours: the exporter's.
_SUPPRESSED = "_tracing_suppressed"


def patch(module: Any) -> None:
    """Follow a request from its first line to the response's headers (http.client.HTTPConnection)."""
    connection = module.HTTPConnection
    https = module.HTTPS_PORT

    def make_putrequest(original: Callable[..., Any]) -> Callable[..., Any]:
        def putrequest(self: Any, method: Any, url: Any, *args: Any, **kwargs: Any) -> Any:
            result = original(self, method, url, *args, **kwargs)
            guard.call("an outgoing request could not be traced", _begin, self, method, url, https)
            return result

        return putrequest

    def make_endheaders(original: Callable[..., Any]) -> Callable[..., Any]:
        def endheaders(self: Any, *args: Any, **kwargs: Any) -> Any:
            span = self.__dict__.get(_SPAN)
            if span is None:
                return original(self, *args, **kwargs)
            guard.call("an outgoing request could not carry the trace on", _inject, self, span)
            try:
                return original(self, *args, **kwargs)
            except BaseException as exc:
                self.__dict__.pop(_SPAN, None)
                guard.call("an outgoing request's span could not be ended", _end, span, None, exc)
                raise

        return endheaders

    def make_getresponse(original: Callable[..., Any]) -> Callable[..., Any]:
        def getresponse(self: Any, *args: Any, **kwargs: Any) -> Any:
            span = self.__dict__.pop(_SPAN, None)
            if span is None:
                return original(self, *args, **kwargs)
            try:
                response = original(self, *args, **kwargs)
            except BaseException as exc:
                guard.call("an outgoing request's span could not be ended", _end, span, None, exc)
                raise
            guard.call("an outgoing request's span could not be ended", _end, span, response, None)
            return response

        return getresponse

    def make_close(original: Callable[..., Any]) -> Callable[..., Any]:
        def close(self: Any) -> Any:
            span = self.__dict__.pop(_SPAN, None)
            if span is not None:
                # Given up before its response.
                guard.call("an outgoing request's span could not be ended", _end, span, None, None)
            return original(self)

        return close

    replace(connection, "putrequest", make_putrequest)
    replace(connection, "endheaders", make_endheaders)
    replace(connection, "getresponse", make_getresponse)
    replace(connection, "close", make_close)


def _begin(connection: Any, method: str, url: str, https: int) -> None:
    attributes = connection.__dict__
    if _SUPPRESSED in attributes:
        return
    before = attributes.get(_SPAN)
    if before is not None:
        # The last request on this connection was given up before its response.
        before.end()
    span = tracer.child(ClientSpan, "", CLIENT)
    if span.recording:
        span.method = method
        span.url = url
        tunnel = attributes.get("_tunnel_host")
        if tunnel:
            span.host, span.port = tunnel, attributes.get("_tunnel_port")
        else:
            span.host, span.port = connection.host, connection.port
        if connection.default_port == https:
            span.scheme = "https"
    attributes[_SPAN] = span


def _inject(connection: Any, span: ClientSpan) -> None:
    """Add the trace headers; where the service wrote a traceparent of its own, the trace is its own affair."""
    baggage = span.baggage
    for line in connection.__dict__.get("_buffer") or ():
        # A name is compared only where its first letter fits: this runs for every header of every request.
        first = line[:1]
        if first in b"cC":
            if line[:15].lower() == b"content-length:":
                span.request_size = line[15:].strip()
        elif first in b"tT":
            if line[:12].lower() == b"traceparent:":
                return
        elif first in b"bB" and line[:8].lower() == b"baggage:":
            baggage = ""
    put = connection.putheader
    if tracer.carries_trace:
        put("traceparent", traceparent.format_header(span.trace_id, span.span_id, span.flags))
        if span.tracestate:
            put("tracestate", span.tracestate)
    if baggage and tracer.carries_baggage:
        put("baggage", baggage)


def _end(span: ClientSpan, response: Any, exc: BaseException | None) -> None:
    if not span.recording:
        return
    if response is not None:
        span.status_code = response.status
        span.response_size = response.length
    elif exc is not None:
        span.fail(exc)
    span.end()
