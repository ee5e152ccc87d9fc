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

# The spans of messages that are being handled, by the identity of the consumers that handed them over: not every
# consumer's object takes an attribute. None until this process has had the first.
_open: dict[Any, ConsumerSpan] | None = None


def ignore(consumer: Any) -> None:
    """Leave a consumer alone whose messages somebody else follows."""
    consumer.tracing_ignored = True


def is_ignored(consumer: Any) -> bool:
    """Whether a consumer is to be left alone."""
    return getattr(consumer, "tracing_ignored", False) is True


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
    _remember(consumer, span)
    messaging.enter(span)


def ask(args: list[Any], _kwargs: dict[str, Any]) -> Any:
    """End what a consumer's last message began, when it is asked for the next; None: it is not to be followed."""
    consumer = args[0]
    if is_ignored(consumer):
        return None
    done(consumer)
    return consumer


def done(consumer: Any, *_args: Any) -> None:
    """End the span of the message that this consumer handed over last."""
    span = _open.pop(_key(consumer), None) if _open else None
    if span is not None:
        messaging.leave(span)


def _remember(consumer: Any, span: ConsumerSpan) -> None:
    """Keep a span for its consumer, and have it ended at the interpreter's exit, should the loop not come to it."""
    global _open
    if _open is None:
        import atexit

        _open = {}
        # Exit handlers run last in, first out: the tracer's, which sends the last spans, comes after this.
        atexit.register(_end_all)
    _open[_key(consumer)] = span


def _key(consumer: Any) -> Any:
    """A consumer is known by its identity; where threads share one, by a tuple of that and the thread's."""
    return consumer if isinstance(consumer, tuple) else id(consumer)


def _end_all() -> None:
    while _open:
        messaging.leave(_open.popitem()[1])
