"""The span of a message that the service sends, fetches or handles."""

from __future__ import annotations

from tracing_bootstrap.recorder import clock, ids
from tracing_bootstrap.recorder.protobuf import (
    fresh_string_attribute,
    integer_attribute,
    keep,
    name_and_kind,
    string_attribute,
)
from tracing_bootstrap.recorder.span import CLIENT, CONSUMER, PRODUCER, Span

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from tracing_bootstrap.recorder.span import Frame

SEND, RECEIVE, PROCESS = "send", "receive", "process"

_KINDS = {SEND: PRODUCER, RECEIVE: CLIENT, PROCESS: CONSUMER}
_LONGEST = 512

_known: dict[tuple[str, ...], bytes] = {}


class MessageSpan(Span):
    """A span of a messaging operation, described by the messaging conventions in the exporter thread."""

    system = ""
    operation = SEND
    #: Queue, topic or exchange.
    destination = ""
    #: What stands in the span's name: the task where messages are calls of named tasks, else the destination.
    subject = ""
    message_id: Any = None
    #: Further attributes by the conventions' names; None, and what is no text or number, is left out.
    details: tuple[tuple[str, Any], ...] = ()
    #: What was current before it.
    previous: Span | Frame | None = None

    def describe(self) -> list[bytes]:
        """Return name, kind and the attributes of the messaging conventions, encoded."""
        kind = (self.operation, self.system, text(self.destination), text(self.subject))
        parts = [_known.get(kind) or keep(_known, kind, _describe(*kind), *kind)]
        identity = text(self.message_id)
        if identity:
            parts.append(fresh_string_attribute("messaging.message.id", identity[:_LONGEST]))
        for key, value in self.details:
            if isinstance(value, int):
                parts.append(integer_attribute(key, value))
            elif written := text(value)[:_LONGEST]:
                parts.append(string_attribute(key, written))
        return parts


class ConsumerSpan(MessageSpan):
    """The span in which a message is handled. What the service does meanwhile is below it."""

    name = ""
    kind = CONSUMER
    operation = PROCESS
    parent_remote = True

    def __init__(
        self,
        trace_id: str,
        parent_id: str,
        flags: int,
        tracestate: str,
        baggage: str,
        on_end: Callable[[Span], None] | None,
    ) -> None:
        # Not through Span's own: its arguments are those of a span below one of this process.
        self.trace_id = trace_id
        self.span_id = ids.span_id()
        self.parent_id = parent_id
        self.flags = flags
        if tracestate:
            self.tracestate = tracestate
        if baggage:
            self.baggage = baggage
        self.on_end = on_end
        self.start_ns = clock.now()


def text(value: object) -> str:
    """Return what a library gives as text, be it bytes; empty where it is neither."""
    if isinstance(value, str):
        return value
    return bytes(value).decode("utf-8", "replace") if isinstance(value, (bytes, bytearray)) else ""


def _describe(operation: str, system: str, destination: str, subject: str) -> bytes:
    name = f"{operation} {subject or destination}".rstrip()
    parts = [
        name_and_kind(name[:_LONGEST], _KINDS[operation]),
        string_attribute("messaging.system", system),
        string_attribute("messaging.operation.name", operation),
        string_attribute("messaging.operation.type", operation),
    ]
    if destination:
        parts.append(string_attribute("messaging.destination.name", destination[:_LONGEST]))
    return b"".join(parts)
