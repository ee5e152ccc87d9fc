"""aiormq, and aio-pika upon it: a span for each message that is published, and one for each that is handled.

Messages are published, and callbacks are called, by aiormq. aio-pika's iterators get their messages by such a
callback too, which only puts them aside: there the loop is followed.
"""

from __future__ import annotations

from tracing_bootstrap.instrumentation.patching import is_replaced, mark
from tracing_bootstrap.instrumentation.queues import amqp, calls, messaging, pulled

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from tracing_bootstrap.instrumentation.queues.messaging_span import ConsumerSpan, MessageSpan

_SENDING = "a message published by aiormq could not be traced"
_RECEIVING = "a message received by aiormq could not be traced"


def patch_channel(module: Any) -> None:
    """Follow what a channel publishes, and the callbacks that it calls (aiormq.channel)."""
    make = module.spec.Basic.Properties

    def default() -> Any:
        return make(delivery_mode=1)

    def publish(_args: list[Any], kwargs: dict[str, Any]) -> MessageSpan | None:
        # Everything but the body is given by name.
        if messaging.is_producing():
            return None
        exchange, routing_key = kwargs.get("exchange"), kwargs.get("routing_key")
        span, kwargs["properties"] = amqp.publish(exchange, routing_key, kwargs.get("properties"), default)
        return span

    calls.around_async(module.Channel, "basic_publish", _SENDING, publish, messaging.end)
    calls.around_async(module.Channel, "basic_consume", _RECEIVING, _consume, _nothing)


def _consume(args: list[Any], kwargs: dict[str, Any]) -> None:
    """Give the library our callback, which calls the service's."""
    queue = args[1] if len(args) > 1 else kwargs.get("queue")
    callback = args[2] if len(args) > 2 else kwargs.get("consumer_callback")
    if not callable(callback) or is_replaced(callback) or _is_iterators(callback):
        return

    def begin(given: list[Any], _kwargs: dict[str, Any]) -> ConsumerSpan:
        message = given[0]
        span = amqp.consume(queue, message.delivery, message.header.properties)
        messaging.enter(span)
        return span

    # Each message has a task of its own, in which the span is current to the end of the callback.
    followed = mark(calls.wrap_async(_RECEIVING, begin, messaging.end_entered, callback))
    if len(args) > 2:
        args[2] = followed
    else:
        kwargs["consumer_callback"] = followed


def _is_iterators(callback: Any) -> bool:
    """Whether it is aio-pika's, and what it calls is an iterator's own."""
    for inner in getattr(callback, "args", ()):
        if getattr(inner, "__qualname__", "") == "QueueIterator.on_message":
            return True
    return False


def _nothing(*_args: Any) -> None:
    """`_consume` returns None: there is no end of a call to see."""


def patch_queue(module: Any) -> None:
    """Follow the loops over a queue, and single messages that are asked for (aio_pika.queue)."""
    iterator = module.QueueIterator
    calls.around_async(iterator, "__anext__", _RECEIVING, pulled.ask, _one)
    calls.around_async(iterator, "close", _RECEIVING, pulled.ask, _nothing)
    queue = module.Queue
    calls.around_async(queue, "get", _RECEIVING, pulled.ask, _one)


def _one(consumer: Any, message: Any, _exc: BaseException | None) -> None:
    if message is not None:
        pulled.deliver(consumer, amqp.SYSTEM, (message,), lambda _: _queue(consumer), _get, _details)


def _queue(consumer: Any) -> Any:
    return getattr(consumer, "_amqp_queue", consumer).name


def _get(message: Any) -> Callable[[str], Any]:
    return amqp.lookup(message)


def _details(_consumer: Any, message: Any) -> tuple[tuple[str, Any], ...]:
    return amqp.describe(message)
