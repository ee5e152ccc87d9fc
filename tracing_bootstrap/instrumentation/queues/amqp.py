"""What pika and aiormq have in common: the headers of an AMQP 0-9-1 message, and what describes one."""

from __future__ import annotations

from tracing_bootstrap.instrumentation.queues import messaging

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from tracing_bootstrap.instrumentation.queues.messaging_span import ConsumerSpan, MessageSpan

SYSTEM = "rabbitmq"


def publish(exchange: Any, routing_key: Any, given: Any, make: Callable[[], Any]) -> tuple[MessageSpan, Any]:
    """Start the span of a message; return it with the properties to send, a copy of those that were given."""
    span = messaging.produce(SYSTEM, exchange or routing_key)
    if span.on_end is not None:
        span.message_id = getattr(given, "message_id", None)
        span.details = (
            ("messaging.rabbitmq.destination.routing_key", routing_key if exchange else None),
            ("messaging.message.conversation_id", getattr(given, "correlation_id", None)),
        )
    properties = make() if given is None else _copy(given)
    headers = properties.headers or {}
    properties.headers = {**headers, **dict(messaging.headers(span, headers))}
    return span, properties


def _copy(properties: Any) -> Any:
    import copy

    return copy.copy(properties)


def lookup(properties: Any) -> Callable[[str], Any]:
    """Return what looks a message's header up by name."""
    return (getattr(properties, "headers", None) or {}).get


def consume(queue: Any, method: Any, properties: Any) -> ConsumerSpan:
    """Start the span of a delivered message; `method` is AMQP's Basic.Deliver."""
    span = messaging.consume(SYSTEM, queue or method.routing_key, lookup(properties))
    if span.on_end is not None:
        span.message_id = getattr(properties, "message_id", None)
        span.details = describe(method)
    return span


def describe(method: Any) -> tuple[tuple[str, Any], ...]:
    """Return what RabbitMQ's part of the messaging conventions says of a received message."""
    return (
        ("messaging.rabbitmq.destination.routing_key", method.routing_key),
        ("messaging.rabbitmq.message.delivery_tag", method.delivery_tag),
    )
