"""kafka-python: a span for each record that is sent, and one for each that a consumer hands over.

A sender's span ends when the record is in the client's buffer: what becomes of it then is told to futures and
callbacks, and may be known only when the request is long over.
"""

from __future__ import annotations

from tracing_bootstrap.instrumentation.patching import before
from tracing_bootstrap.instrumentation.queues import calls, kafka, messaging, pulled

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from tracing_bootstrap.instrumentation.queues.messaging_span import MessageSpan

_SENDING = "a record sent by kafka-python could not be traced"
_RECEIVING = "a record received by kafka-python could not be traced"

# Where `send(self, topic, value, key, headers, ...)` has them.
_KEY, _HEADERS = 3, 4


def patch_producer(module: Any) -> None:
    """Have every record carry the trace (kafka.producer.kafka)."""
    calls.around(module.KafkaProducer, "send", _SENDING, _send, messaging.end)


def _send(args: list[Any], kwargs: dict[str, Any]) -> MessageSpan | None:
    config = args[0].config
    topic = kafka.argument(args, kwargs, "topic", 1)
    headers = kafka.argument(args, kwargs, "headers", _HEADERS)
    if headers is not None and not isinstance(headers, list):
        # The library refuses anything else.
        return None
    key = kafka.argument(args, kwargs, "key", _KEY)
    made = kafka.send(topic, headers, key, config["client_id"], config["api_version"])
    if made is None:
        return None
    kafka.put(args, kwargs, made[1], _HEADERS)
    return made[0]


def patch_consumer(module: Any) -> None:
    """Follow what a consumer hands over (kafka.consumer.group)."""
    consumer = module.KafkaConsumer
    calls.around(consumer, "__next__", _RECEIVING, pulled.ask, _one)
    calls.around(consumer, "poll", _RECEIVING, _poll, _many)
    before(consumer, "close", _RECEIVING, pulled.done)


def _one(consumer: Any, record: Any, _exc: BaseException | None) -> None:
    if record is not None:
        kafka.deliver(consumer, (record,))


def _poll(args: list[Any], kwargs: dict[str, Any]) -> Any:
    # The iterator asks this way for what it hands over one by one.
    given = kafka.argument(args, kwargs, "update_offsets", 3)
    return pulled.ask(args, kwargs) if given in (None, True) else None


def _many(consumer: Any, batches: Any, _exc: BaseException | None) -> None:
    if batches:
        kafka.deliver(consumer, [record for records in batches.values() for record in records])
