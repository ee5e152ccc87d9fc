"""http.client, and with it urllib, urllib3, requests and botocore: a span and the headers for each request.

The span lasts from `putrequest` to the response's headers; what a service then reads of the body is its own
time. One span is made per attempt: redirects and retries are requests of their own, as the HTTP conventions say.
"""

from __future__ import annotations

from tracing_bootstrap.instrumentation.clients.client_span import ClientSpan
from tracing_bootstrap.instrumentation.clients.resends import pending, take
from tracing_bootstrap.instrumentation.patching import after, around, before
from tracing_bootstrap.propagation.traceparent import format_header
from tracing_bootstrap.recorder import tracer
from tracing_bootstrap.recorder.span import CLIENT

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_CAUSE = "an outgoing request could not be traced"


def patch(module: Any) -> None:
    """Follow a request from its first line to the response's headers (http.client.HTTPConnection)."""
    connection = module.HTTPConnection
    # A class attribute: reading it from a connection that has no request under way costs no lookup in vain.
    connection.tracing_span = None
    after(connection, "putrequest", _CAUSE, _begin)
    around(connection, "endheaders", _CAUSE, _inject, _sent)
    around(connection, "getresponse", _CAUSE, _await, _answered)
    before(connection, "close", _CAUSE, _give_up)


def _begin(_result: None, connection: Any, method: str, url: str, *_args: Any) -> None:
    if connection.tracing_span is not None:
        _give_up(connection)
    span = connection.tracing_span = tracer.outgoing(ClientSpan, "", CLIENT)
    if pending.get() is not None:
        span.resends = take(url)
    if span.on_end is not None:
        host, port = connection.host, connection.port
        tunnel = getattr(connection, "_tunnel_host", None)
        if tunnel:
            host, port = tunnel, connection._tunnel_port
        span.target = (method, connection.default_port, host, port, url)


def _inject(connection: Any, *_args: Any) -> Any:
    """Add the trace headers; where the service wrote a traceparent of its own, the trace is its own affair."""
    span = connection.tracing_span
    if span is None:
        return None
    buffer = connection._buffer
    # What was put so far, each line without its end; the first is the request line.
    written = b"\n".join(buffer).lower()
    if span.on_end is not None and b"\ncontent-length:" in written:
        span.request_size = written.partition(b"\ncontent-length:")[2].partition(b"\n")[0]
    if tracer.carries_trace:
        if b"\ntraceparent:" in written:
            return connection
        buffer.append(b"traceparent: " + format_header(span.trace_id, span.span_id, span.flags).encode())
        if span.tracestate:
            buffer.append(b"tracestate: " + span.tracestate.encode())
    if span.baggage and tracer.carries_baggage and b"\nbaggage:" not in written:
        buffer.append(b"baggage: " + span.baggage.encode())
    if tracer.writers:
        lines = [f"{name}: {value}".encode() for name, value in tracer.other_headers(span)]
        buffer += [line for line in lines if b"\n" + line.partition(b" ")[0] not in written]
    return connection


def _sent(connection: Any, _result: None, exc: BaseException | None) -> None:
    """End the span of a request that could not be sent; the others wait for their response."""
    if exc is not None:
        _end(_take(connection), None, exc)


def _take(connection: Any, *_args: Any) -> Any:
    """Take the span off the connection: `getresponse` may close it before it returns."""
    span = connection.tracing_span
    connection.tracing_span = None
    return span


def _await(connection: Any, *_args: Any) -> tuple[Any, Any] | None:
    span = connection.tracing_span
    if span is None:
        return None
    connection.tracing_span = None
    return span, connection


def _answered(awaited: tuple[Any, Any], response: Any, exc: BaseException | None) -> None:
    span, connection = awaited
    traceback = None if exc is None else exc.__traceback__
    if isinstance(exc, TypeError) and traceback is not None and traceback.tb_next is None:
        # The call itself was wrong: urllib3 1.26 tries a parameter of Python 2's first, and then calls again.
        connection.tracing_span = span
        return
    _end(span, response, exc)


def _end(span: ClientSpan | None, response: Any, exc: BaseException | None) -> None:
    if span is None or span.on_end is None:
        return
    if exc is None:
        span.status_code = response.status
        span.response_size = response.length
    else:
        span.fail(exc)
    span.end()


def _give_up(connection: Any) -> None:
    """End the span of a request whose response nobody waited for."""
    span = _take(connection)
    if span is not None:
        span.end()
