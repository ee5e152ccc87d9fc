"""Dramatiq: a span for each message that is enqueued, and one for each that a worker processes.

The broker tells its middleware of both (`emit_before`, `emit_after`), whichever broker it is. The trace travels in
the message's options, which are there for middleware.
"""

from __future__ import annotations

import sys

from tracing_bootstrap.instrumentation.patching import after, before, finally_, is_replaced
from tracing_bootstrap.instrumentation.queues import messaging, pulled
from tracing_bootstrap.instrumentation.queues.messaging_span import SEND, ConsumerSpan, MessageSpan
from tracing_bootstrap.recorder.context import current_span

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_SYSTEM = "dramatiq"
_CAUSE = "a Dramatiq message could not be traced"

#: Dramatiq's own brokers: these are watched for failures, so that a span may be current while they send.
_BROKERS = {
    "dramatiq.brokers.rabbitmq": "RabbitmqBroker",
    "dramatiq.brokers.redis": "RedisBroker",
    "dramatiq.brokers.stub": "StubBroker",
}


def patch_broker(module: Any) -> None:
    """Follow messages by what a broker tells its middleware (dramatiq.broker)."""
    # Before the first middleware hears of it and after the last, so that what they do is in the span.
    before(module.Broker, "emit_before", _CAUSE, _begin)
    finally_(module.Broker, "emit_after", _CAUSE, _end)


def patch_brokers(module: Any) -> None:
    """End the span of a message that could not be enqueued (dramatiq.brokers.*)."""
    finally_(getattr(module, _BROKERS[module.__name__]), "enqueue", _CAUSE, _enqueued)
    consumer = getattr(module, "_RabbitmqConsumer", None)
    if consumer is not None:
        after(consumer, "__init__", _CAUSE, _leave_to_us)


def _leave_to_us(_result: None, consumer: Any, *_args: Any) -> None:
    """Keep our patch of pika from following a channel whose messages have spans here."""
    pulled.ignore(consumer.channel)


def _begin(broker: Any, signal: str, message: Any = None, *_args: Any) -> None:
    if signal == "enqueue":
        # A broker that connects anew tells of the same message twice.
        if _sending(message) is None:
            _send(message, watched=is_replaced(getattr(type(broker), "enqueue", None)))
    elif signal == "process_message":
        queue = message.queue_name
        span = messaging.consume(_SYSTEM, queue, message.options.get, subject=message.actor_name)
        span.message_id = message.message_id
        messaging.enter(span)


def _send(message: Any, *, watched: bool) -> None:
    options = message.options
    if "traceparent" in options and current_span() is None:
        # A delayed message whose time has come: it was sent before.
        return
    # Delayed ones wait in a queue of their own, whose name is the queue's and this.
    queue = message.queue_name.removesuffix(".DQ")
    span = messaging.produce(_SYSTEM, queue, subject=message.actor_name)
    span.message_id = message.message_id
    # A message that is sent again, as retries are, has the headers of the first time: those are replaced.
    options.update(messaging.headers(span, ()))
    if watched:
        messaging.enter(span)
    else:
        # How it ends is not known; it is recorded as begun.
        span.end()


def _sending(message: Any) -> MessageSpan | None:
    span = current_span()
    if isinstance(span, MessageSpan) and span.operation is SEND and span.system == _SYSTEM:
        return span if message is None or span.message_id == message.message_id else None
    return None


def _enqueued(_broker: Any, message: Any = None, *_args: Any) -> None:
    span = _sending(message)
    if span is not None:
        messaging.leave(span, sys.exc_info()[1])


def _end(_broker: Any, signal: str, *_args: Any) -> None:
    span = current_span()
    if signal in ("process_message", "skip_message") and isinstance(span, ConsumerSpan):
        # The worker tells of a failure where it handles what was raised.
        messaging.leave(span, sys.exc_info()[1] if signal == "process_message" else None)
