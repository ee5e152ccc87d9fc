"""http.client, and with it urllib, urllib3, requests and botocore: a span and the headers for each request.

The span lasts from the end of the request's headers, before the connection is made if there is none, to the
response's; what a service then reads of the body is its own time. One span is made per attempt: redirects and
retries are requests of their own, as the HTTP conventions say.
"""

from __future__ import annotations

from tracing_bootstrap.guard import Failure, call, forget_frame, report
from tracing_bootstrap.instrumentation.clients.client_span import ClientSpan
from tracing_bootstrap.instrumentation.clients.resends import pending, take
from tracing_bootstrap.instrumentation.patching import before, replace
from tracing_bootstrap.instrumentation.server_span import CarriedSpan
from tracing_bootstrap.recorder import ids, tracer
from tracing_bootstrap.recorder.clock import now
from tracing_bootstrap.recorder.context import current
from tracing_bootstrap.recorder.span import CLIENT, SERVER, Frame
from tracing_bootstrap.recorder.tracer import STALE_AFTER_START_NS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from tracing_bootstrap.recorder.span import Span

_CAUSE = "an outgoing request could not be traced"

_bits = ids.bits
_current = current.get
_LENGTH = b"\ncontent-length:"


class SentSpan(ClientSpan):
    """A span of http.client; what it sent is read by the exporter's thread."""

    #: The request line, as it was sent.
    line: bytes
    #: The scheme's own port, and the host and port that are asked.
    peer: tuple[int, str, int | None]

    def describe(self) -> list[bytes]:
        """Split the request line, and describe as any client's span."""
        method, target = _split(self.line)
        default_port, host, port = self.peer
        return self.describe_request(method, default_port, host, port, target)


class RequestsSpan(SentSpan):
    """The span of a call in a request whose trace is sampled, begun as tracer.outgoing would, in one call."""

    name = ""
    kind = CLIENT

    def __init__(self, parent: Span, on_end: Callable[[Span], None] | None) -> None:
        self.trace_id = parent.trace_id
        self.span_id = (_bits(64) or 1).to_bytes(8).hex()
        self.parent_id = parent.known_id or parent.span_id
        self.flags = parent.flags
        if parent.tracestate:
            self.tracestate = parent.tracestate
        if parent.baggage:
            self.baggage = parent.baggage
        self.on_end = on_end
        self.entry = parent
        self.start_ns = now()


def patch(module: Any) -> None:
    """Follow a request from its headers' end to the response's headers (http.client.HTTPConnection).

    Both wrappers have their function's own parameters, and hold what is done for nearly every request: there, each
    call and each module more costs as much as a good part of its work, since nothing of it is in the CPU's caches.
    """
    connection = module.HTTPConnection
    # Class attributes: reading them from a connection that has none of its own costs no lookup in vain.
    connection.tracing_span = None
    connection.tracing_peer = None
    replace(connection, "endheaders", _sending)
    replace(connection, "getresponse", _awaiting)
    before(connection, "close", _CAUSE, _give_up)


def _sending(original: Callable[..., None]) -> Callable[..., None]:  # noqa: C901 - one frame for all of it, see `patch`
    """Begin the span, and write the trace's headers behind the service's own."""

    def endheaders(self: Any, message_body: Any = None, *, encode_chunked: bool = False) -> None:  # noqa: PLR0912
        try:
            buffer = self._buffer
            if buffer:
                if self.tracing_span is not None:
                    _give_up(self)
                # What was put so far, each line without its end; the first is the request line.
                written = b"\n".join(buffer).lower()
                usual = tracer.usual
                parent: Any = _current()
                if usual is None or parent is None or parent.__class__ is Frame:
                    span: Any = tracer.outgoing(SentSpan, "", CLIENT)
                elif parent.on_end is not None and parent.kind == SERVER:
                    span = RequestsSpan(parent, usual.take)
                elif parent.__class__ is CarriedSpan and now() - parent.start_ns < STALE_AFTER_START_NS:
                    span = parent
                else:
                    span = tracer.outgoing(SentSpan, "", CLIENT)
                if span.on_end is not None:
                    self.tracing_span = span
                    span.line = buffer[0]
                    span.peer = self.tracing_peer or _peer(self)
                    if pending.get() is not None:
                        span.resends = take(_split(buffer[0])[1])
                    if _LENGTH in written:
                        span.request_size = written.partition(_LENGTH)[2].partition(b"\n")[0]
                if span.__class__ is CarriedSpan:
                    if b"\ntraceparent:" not in written:
                        buffer.append(f"traceparent: {span.header[:36]}{span.span_id}-00".encode())
                elif usual is None or span.tracestate or span.baggage:
                    _write(buffer, written, span)
                elif b"\ntraceparent:" not in written:
                    buffer.append(f"traceparent: 00-{span.trace_id}-{span.span_id}-0{span.flags}".encode())
        except Failure as exc:
            report(_CAUSE, exc)
        try:
            original(self, message_body, encode_chunked=encode_chunked)
        except BaseException as error:
            call(_CAUSE, _fail, self, error)
            forget_frame(error)
            raise

    return endheaders


def _awaiting(original: Callable[..., Any]) -> Callable[..., Any]:
    """End the span when the response's headers are there."""

    def getresponse(self: Any) -> Any:
        span = self.tracing_span
        if span is None:
            return original(self)
        # Off the connection: `getresponse` may close it before it returns.
        self.tracing_span = None
        try:
            response = original(self)
        except BaseException as error:
            call(_CAUSE, _end_failed, span, error)
            forget_frame(error)
            raise
        try:
            on_end = span.on_end
            if on_end is not None:
                span.status_code = response.status
                span.response_size = response.length
                span.on_end = None
                span.end_ns = now()
                on_end(span)
        except Failure as exc:
            report(_CAUSE, exc)
        return response

    return getresponse


def _split(line: bytes) -> tuple[str, str]:
    """Return the method and the target of a request line; a target has no spaces, a method may have."""
    method, target, _version = line.decode("utf-8", "replace").rsplit(" ", 2)
    return method, target


def _peer(connection: Any) -> tuple[int, str, int | None]:
    """Find out once for all requests of a connection whom it asks, through a proxy perhaps."""
    host, port = connection.host, connection.port
    tunnel = getattr(connection, "_tunnel_host", None)
    if tunnel:
        host, port = tunnel, connection._tunnel_port
    peer = connection.tracing_peer = (connection.default_port, host, port)
    return peer


def _write(buffer: list[bytes], written: bytes, span: Span) -> None:
    """Add the headers; where the service wrote a traceparent of its own, the trace is its own affair."""
    if tracer.carries_trace:
        if b"\ntraceparent:" in written:
            return
        buffer.append(f"traceparent: 00-{span.trace_id}-{span.span_id}-{span.flags:02x}".encode())
        if span.tracestate:
            buffer.append(b"tracestate: " + span.tracestate.encode())
    if span.baggage and tracer.carries_baggage and b"\nbaggage:" not in written:
        buffer.append(b"baggage: " + span.baggage.encode())
    if tracer.writers:
        lines = [f"{name}: {value}".encode() for name, value in tracer.other_headers(span)]
        buffer += [line for line in lines if b"\n" + line.partition(b" ")[0] not in written]


def _fail(connection: Any, exc: BaseException) -> None:
    """End the span of a request that could not be sent."""
    span = connection.tracing_span
    connection.tracing_span = connection.tracing_peer = None
    if span is not None:
        _end_failed(span, exc)


def _end_failed(span: Span, exc: BaseException) -> None:
    span.fail(exc)
    span.end()


def _give_up(connection: Any) -> None:
    """End the span of a request whose response nobody waited for; the next one may go elsewhere."""
    span = connection.tracing_span
    connection.tracing_span = connection.tracing_peer = None
    if span is not None:
        span.end()
