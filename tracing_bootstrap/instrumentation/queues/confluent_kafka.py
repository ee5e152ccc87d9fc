"""confluent-kafka: a span for each record that is sent, and one for each that a consumer hands over.

Its classes are written in C and cannot be changed. So the extension module's names are given to subclasses that
look like them before anybody else has seen them: what services and the package itself import, instantiate, derive
from and test with isinstance is then one class.
"""

from __future__ import annotations

from tracing_bootstrap import guard
from tracing_bootstrap.instrumentation.patching import after, before
from tracing_bootstrap.instrumentation.queues import calls, kafka, messaging, pulled

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from tracing_bootstrap.instrumentation.queues.messaging_span import MessageSpan

_SENDING = "a record sent by confluent-kafka could not be traced"
_RECEIVING = "a record received by confluent-kafka could not be traced"

# Where `produce(self, topic, value, key, partition, on_delivery, timestamp, headers)` has them.
_KEY, _HEADERS = 3, 7


def patch(module: Any) -> None:
    """Put subclasses in the places of Producer and Consumer (confluent_kafka.cimpl)."""
    producer, consumer = module.Producer, module.Consumer
    if hasattr(consumer, "tracing_ignored"):
        return
    module.Producer = _derive(
        producer, {"produce": calls.wrap(_SENDING, _send, messaging.end, producer.produce)}
    )
    module.Consumer = _derive(
        consumer,
        {
            "poll": calls.wrap(_RECEIVING, pulled.ask, _one, consumer.poll),
            "consume": calls.wrap(_RECEIVING, pulled.ask, _many, consumer.consume),
            "close": guard.before(_RECEIVING, pulled.done, consumer.close),
        },
        slots=("tracing_ignored",),
    )


def patch_aio(module: Any) -> None:
    """Follow its asyncio consumer (confluent_kafka.aio._AIOConsumer).

    It has the real consumer polled in other threads, where nothing may become current.
    """
    consumer = module.AIOConsumer
    after(consumer, "__init__", _RECEIVING, _leave_to_us)
    calls.around_async(consumer, "poll", _RECEIVING, pulled.ask, _one)
    calls.around_async(consumer, "consume", _RECEIVING, pulled.ask, _many)
    before(consumer, "close", _RECEIVING, pulled.done)


def _leave_to_us(_result: None, consumer: Any, *_args: Any) -> None:
    pulled.ignore(consumer._consumer)


def _derive(kind: type, methods: dict[str, Callable[..., Any]], slots: tuple[str, ...] = ()) -> type:
    """Return a subclass with other methods, which looks like the class itself."""
    for name, method in methods.items():
        original = getattr(kind, name)
        method.__name__ = name
        method.__qualname__ = original.__qualname__
        method.__doc__ = original.__doc__
        method.__wrapped__ = original  # type: ignore[attr-defined]
    body = {"__slots__": slots, "__doc__": kind.__doc__, "__module__": kind.__module__, **methods}
    made = type(kind.__name__, (kind,), body)
    made.__qualname__ = kind.__qualname__
    return made


def _send(args: list[Any], kwargs: dict[str, Any]) -> MessageSpan | None:
    made = kafka.send(
        kafka.argument(args, kwargs, "topic", 1),
        kafka.argument(args, kwargs, "headers", _HEADERS),
        kafka.argument(args, kwargs, "key", _KEY),
        None,
    )
    if made is None:
        return None
    kafka.put(args, kwargs, made[1], _HEADERS)
    return made[0]


def _one(consumer: Any, message: Any, _exc: BaseException | None) -> None:
    if message is not None:
        _many(consumer, (message,), None)


def _many(consumer: Any, messages: Any, _exc: BaseException | None) -> None:
    # What went wrong comes as a message, too.
    records = [message for message in messages or () if message.error() is None]
    pulled.deliver(consumer, kafka.SYSTEM, records, _topic, _get, _details)


def _topic(message: Any) -> Any:
    return message.topic()


def _get(message: Any) -> Callable[[str], Any]:
    return kafka.lookup(message.headers())


def _details(_consumer: Any, message: Any) -> tuple[tuple[str, Any], ...]:
    return kafka.describe(message.partition(), message.offset(), message.key(), None)
