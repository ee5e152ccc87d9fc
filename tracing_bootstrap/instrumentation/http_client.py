"""http.client, and with it urllib, urllib3, requests and botocore: a span and the headers for each request.

The span lasts from `putrequest` to the response's headers; what a service then reads of the body is its own
time. One span is made per attempt: redirects and retries are requests of their own, as the HTTP conventions say.
"""

from __future__ import annotations

from tracing_bootstrap import guard
from tracing_bootstrap.instrumentation.client_span import ClientSpan
from tracing_bootstrap.instrumentation.patching import after, before, replace
from tracing_bootstrap.recorder import tracer
from tracing_bootstrap.recorder.span import CLIENT

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

_SPAN = "_tracing_span"


def patch(module: Any) -> None:
    """Follow a request from its first line to the response's headers (http.client.HTTPConnection)."""
    connection = module.HTTPConnection

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

    after(connection, "putrequest", "an outgoing request could not be traced", _begin)
    replace(connection, "endheaders", make_endheaders)
    replace(connection, "getresponse", make_getresponse)
    before(connection, "close", "an outgoing request's span could not be ended", _give_up)


def _begin(_result: None, connection: Any, method: str, url: str, *_args: Any) -> None:
    attributes = connection.__dict__
    unanswered = attributes.get(_SPAN)
    if unanswered is not None:
        # The last request on this connection was given up before its response.
        unanswered.end()
    span = attributes[_SPAN] = tracer.child(ClientSpan, "", CLIENT)
    if span.on_end is not None:
        tunnel = attributes.get("_tunnel_host")
        if tunnel:
            span.target = (method, connection.default_port, tunnel, attributes.get("_tunnel_port"), url)
        else:
            span.target = (method, connection.default_port, connection.host, connection.port, url)


def _inject(connection: Any, span: ClientSpan) -> None:
    """Add the trace headers; where the service wrote a traceparent of its own, the trace is its own affair."""
    buffer = connection._buffer
    # What was put so far, each line without its end; the first is the request line.
    written = b"\n".join(buffer).lower()
    if b"content-length:" in written:
        span.request_size = written.partition(b"\ncontent-length:")[2].partition(b"\n")[0]
    if tracer.carries_trace:
        if b"\ntraceparent:" in written:
            return
        buffer.append(f"traceparent: 00-{span.trace_id}-{span.span_id}-{span.flags:02x}".encode())
        if span.tracestate:
            buffer.append(b"tracestate: " + span.tracestate.encode())
    if span.baggage and tracer.carries_baggage and b"\nbaggage:" not in written:
        buffer.append(b"baggage: " + span.baggage.encode())


def _give_up(connection: Any) -> None:
    span = connection.__dict__.pop(_SPAN, None)
    if span is not None:
        span.end()


def _end(span: ClientSpan, response: Any, exc: BaseException | None) -> None:
    if span.on_end is None:
        return
    if response is not None:
        span.status_code = response.status
        span.response_size = response.length
    elif exc is not None:
        span.fail(exc)
    span.end()
