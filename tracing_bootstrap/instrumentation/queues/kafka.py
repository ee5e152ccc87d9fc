"""What Kafka's clients have in common: the headers of a record, and what describes one."""

from __future__ import annotations

from tracing_bootstrap.instrumentation.queues import messaging, pulled

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from typing import Any

    from tracing_bootstrap.instrumentation.queues.messaging_span import MessageSpan

SYSTEM = "kafka"

#: The first version of Kafka's protocol whose records have headers.
_HEADERS_SINCE = (0, 11)


def send(
    topic: Any, headers: Any, key: Any, client_id: Any, version: Any = None
) -> tuple[MessageSpan, Any] | None:
    """Start the span of a record that is sent; return it with the headers to send, or None to leave it alone.

    `headers` is the service's own value, which is not changed: pairs, None, or confluent-kafka's dictionary.
    """
    if isinstance(version, tuple) and version < _HEADERS_SINCE:
        return None
    span = messaging.produce(SYSTEM, topic)
    if span.on_end is not None:
        span.details = (("messaging.kafka.message.key", key), ("messaging.client.id", client_id))
    ours = messaging.headers(span, dict(headers or ()))
    if isinstance(headers, dict):
        return span, {**headers, **{name: value.encode() for name, value in ours}}
    return span, [*(headers or ()), *((name, value.encode()) for name, value in ours)]


def argument(args: Sequence[Any], kwargs: dict[str, Any], name: str, position: int) -> Any:
    """Return an argument of a call, however it was given; None where it was not."""
    return args[position] if len(args) > position else kwargs.get(name)


def put(args: list[Any], kwargs: dict[str, Any], headers: Any, position: int) -> None:
    """Give a call other headers than it had."""
    if len(args) > position:
        args[position] = headers
    else:
        kwargs["headers"] = headers


def lookup(headers: Iterable[tuple[str, Any]] | dict[str, Any] | None) -> Callable[[str], Any]:
    """Return what looks a record's header up by name; of several of one name it is the last."""
    return (dict(headers) if headers else {}).get


def deliver(consumer: Any, records: Sequence[Any]) -> None:
    """Begin the span of the records that a consumer has just handed over (kafka-python, aiokafka)."""
    pulled.deliver(consumer, SYSTEM, records, _topic, _get, _details)


def _topic(record: Any) -> Any:
    return record.topic


def _get(record: Any) -> Callable[[str], Any]:
    return lookup(record.headers)


def _details(consumer: Any, record: Any) -> tuple[tuple[str, Any], ...]:
    group = getattr(consumer, "_group_id", None) or getattr(consumer, "config", {}).get("group_id")
    return describe(record.partition, record.offset, record.key, group)


def describe(partition: Any, offset: Any, key: Any, group: Any) -> tuple[tuple[str, Any], ...]:
    """Return what Kafka's part of the messaging conventions says of a received record."""
    return (
        ("messaging.destination.partition.id", str(partition)),
        ("messaging.kafka.offset", offset),
        ("messaging.kafka.message.key", key),
        ("messaging.consumer.group.name", group),
    )
