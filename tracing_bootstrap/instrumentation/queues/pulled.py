"""When is a message handled that a loop fetched? From its delivery until the loop asks for the next one.

No callback tells where handling begins and ends, so the span of a message that came alone lasts that long, and is
current meanwhile where nothing else was: a loop that polls inside somebody's request stays in that request.
Messages that come in one batch belong to many traces, and nobody tells which of them is being handled: their span
is linked to their traces and is not current.
"""

from __future__ import annotations

from tracing_bootstrap.instrumentation.queues import messaging
from tracing_bootstrap.instrumentation.queues.messaging_span import ConsumerSpan
from tracing_bootstrap.recorder.context import current_span

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

_SPAN = "tracing_span"

#: In the place of a consumer's span where somebody else follows it.
IGNORED = False

# Spans of messages that are being handled; None until this process has had the first.
_open: set[ConsumerSpan] | None = None


def deliver(
    consumer: Any,
    system: str,
    messages: Sequence[Any],
    destination: Callable[[Any], Any],
    get: Callable[[Any], Callable[[str], Any]],
    details: Callable[[Any, Any], tuple[tuple[str, Any], ...]],
) -> None:
    """Begin the span of the messages that a consumer has just handed over.

    `destination` names a message's queue or topic, `get` its lookup of headers; `details` has more attributes of a
    consumer's message.
    """
    if not messages:
        return
    first = messages[0]
    if len(messages) > 1 or current_span() is not None:
        names = {destination(message) for message in messages}
        span = messaging.receive(
            system, names.pop() if len(names) == 1 else "", map(get, messages), len(messages)
        )
        span.end()
        return
    span = messaging.consume(system, destination(first), get(first))
    if span.on_end is not None:
        span.details = details(consumer, first)
    messaging.enter(span)
    consumer.tracing_span = span
    _remember(span)


def ask(args: list[Any], _kwargs: dict[str, Any]) -> Any:
    """End what a consumer's last message began, when it is asked for the next; None: it is not to be followed."""
    consumer = args[0]
    if getattr(consumer, _SPAN, None) is IGNORED:
        return None
    done(consumer)
    return consumer


def done(consumer: Any, *_args: Any) -> None:
    """End the span of the message that this consumer handed over last."""
    span = getattr(consumer, _SPAN, None)
    if span:
        consumer.tracing_span = None
        if _open is not None:
            _open.discard(span)
        messaging.leave(span)


def _remember(span: ConsumerSpan) -> None:
    """Have the span ended at the interpreter's exit, should the loop not come to it."""
    global _open
    if _open is None:
        import atexit

        _open = set()
        # Exit handlers run last in, first out: the tracer's, which sends the last spans, comes after this.
        atexit.register(_end_all)
    _open.add(span)


def _end_all() -> None:
    while _open:
        messaging.leave(_open.pop())
