"""Begins and ends the spans of messages; each library's module says when, and where a message's headers are.

A producer's span is the parent of the span in which its message is handled, so that a trace is one tree from the
request to whatever it set off. (The messaging conventions allow it where messages are handled one by one.) What is
fetched in batches belongs to many traces: its span is linked to them instead.
"""

from __future__ import annotations

from tracing_bootstrap.instrumentation.queues.messaging_span import (
    RECEIVE,
    SEND,
    ConsumerSpan,
    MessageSpan,
    text,
)
from tracing_bootstrap.propagation import traceparent, tracestate
from tracing_bootstrap.recorder import tracer
from tracing_bootstrap.recorder.context import current, current_span
from tracing_bootstrap.recorder.span import CLIENT, PRODUCER, Limits

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterable, Mapping
    from typing import Any

#: The headers that we may write; all in lower case, as message headers are case-sensitive.
HEADERS = ("traceparent", "tracestate", "baggage")


def produce(system: str, destination: Any, *, subject: str = "") -> MessageSpan:
    """Start the span of a message that is sent. It is not made current."""
    span = tracer.child(MessageSpan, "", PRODUCER)
    span.operation = SEND
    span.system = system
    span.destination = destination
    span.subject = subject
    return span


def is_producing() -> bool:
    """Whether a message is being sent already: one library often sends through another."""
    span = current_span()
    return isinstance(span, MessageSpan) and span.operation is SEND


def headers(span: MessageSpan, written: Container[str]) -> list[tuple[str, str]]:
    """Return the headers to add to a message; `written` has the lower-case names that stand there already."""
    return tracer.headers(span, written=written)


def was_copied(written: Any) -> bool:
    """Whether this traceparent is that of the message being handled.

    It is where a message is sent on with all that it had, as a retry is.
    """
    span = current_span()
    if span is not None and not isinstance(span, ConsumerSpan):
        span = span.entry
    if not isinstance(span, ConsumerSpan) or not span.parent_id:
        return False
    parent = traceparent.parse(text(written))
    return parent is not None and parent[:2] == (span.trace_id, span.parent_id)


def consume(system: str, destination: Any, get: Callable[[str], Any], *, subject: str = "") -> ConsumerSpan:
    """Start the span of a message that is handled; `get` looks a header up by its lower-case name.

    It is not made current.
    """

    def header(name: str) -> str | None:
        return text(get(name)) or None

    span = tracer.from_headers(
        ConsumerSpan, header("traceparent"), header("tracestate"), header("baggage"), header
    )
    span.system = system
    span.destination = destination
    span.subject = subject
    return span


def enter(span: MessageSpan) -> None:
    """Make the span current until `leave`."""
    span.previous = current.get()
    current.set(span)


def leave(span: MessageSpan, exc: BaseException | None = None) -> None:
    """End the span; what was current before it is current again, unless somebody else has become it meanwhile."""
    if current_span() is span:
        current.set(span.previous)
    span.previous = None
    if exc is not None:
        span.fail(exc)
    span.end()


def receive(
    system: str, destination: Any, messages: Iterable[Callable[[str], Any]], count: int
) -> MessageSpan:
    """Start the span of fetched messages, linked to the traces that their headers name."""
    span = tracer.child(MessageSpan, "", CLIENT)
    span.operation = RECEIVE
    span.system = system
    span.destination = destination
    if span.on_end is not None:
        span.details = (("messaging.batch.message_count", count),)
        links: list[tuple[str, str, str, int, Mapping[str, Any] | None]] = []
        for get in messages:
            parent = traceparent.parse(text(get("traceparent")))
            if parent is not None:
                state = text(get("tracestate"))
                links.append(
                    (parent[0], parent[1], tracestate.clean(state) if state else "", parent[2], None)
                )
        if links:
            span.links = links[: Limits.links]
    return span


def end_entered(span: MessageSpan, _result: Any, exc: BaseException | None) -> None:
    """Do the same as `leave`, as a hook at a call's end."""
    leave(span, exc)


def end(span: MessageSpan, _result: Any, exc: BaseException | None) -> None:
    """End a span that was not current, as a hook at a call's end."""
    if exc is not None:
        span.fail(exc)
    span.end()
