"""aiokafka: a span for each record that is sent, and one for each that a consumer hands over."""

from __future__ import annotations

from tracing_bootstrap.instrumentation.patching import before
from tracing_bootstrap.instrumentation.queues import calls, kafka, messaging, pulled

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from tracing_bootstrap.instrumentation.queues.messaging_span import MessageSpan

_SENDING = "a record sent by aiokafka could not be traced"
_RECEIVING = "a record received by aiokafka could not be traced"

# Where `send(self, topic, value, key, partition, timestamp_ms, headers)` has them.
_KEY, _HEADERS = 3, 6


def patch_producer(module: Any) -> None:
    """Have every record carry the trace (aiokafka.producer.producer)."""
    calls.around_async(module.AIOKafkaProducer, "send", _SENDING, _send, messaging.end)


def _send(args: list[Any], kwargs: dict[str, Any]) -> MessageSpan | None:
    client = args[0].client
    made = kafka.send(
        kafka.argument(args, kwargs, "topic", 1),
        kafka.argument(args, kwargs, "headers", _HEADERS),
        kafka.argument(args, kwargs, "key", _KEY),
        getattr(client, "_client_id", None),
        getattr(client, "api_version", None),
    )
    if made is None:
        return None
    kafka.put(args, kwargs, made[1], _HEADERS)
    return made[0]


def patch_consumer(module: Any) -> None:
    """Follow what a consumer hands over (aiokafka.consumer.consumer); its iterator calls `getone`."""
    consumer = module.AIOKafkaConsumer
    calls.around_async(consumer, "getone", _RECEIVING, pulled.ask, _one)
    calls.around_async(consumer, "getmany", _RECEIVING, pulled.ask, _many)
    before(consumer, "stop", _RECEIVING, pulled.done)


def _one(consumer: Any, record: Any, _exc: BaseException | None) -> None:
    if record is not None:
        kafka.deliver(consumer, (record,))


def _many(consumer: Any, batches: Any, _exc: BaseException | None) -> None:
    if batches:
        kafka.deliver(consumer, [record for records in batches.values() for record in records])
