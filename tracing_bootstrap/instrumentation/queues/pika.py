"""pika: a span for each message that is published, and one for each that a callback or a loop handles."""

from __future__ import annotations

from tracing_bootstrap import guard
from tracing_bootstrap.instrumentation.patching import before, is_replaced, mark, replace
from tracing_bootstrap.instrumentation.queues import amqp, calls, messaging, pulled

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any

    from tracing_bootstrap.instrumentation.queues.messaging_span import ConsumerSpan, MessageSpan

_SENDING = "a message published by pika could not be traced"
_RECEIVING = "a message received by pika could not be traced"

# Where `basic_publish(self, exchange, routing_key, body, properties, ...)` has them.
_PROPERTIES = 4


def patch_channel(module: Any) -> None:
    """Follow what every kind of connection publishes, and the callbacks of the asynchronous ones (pika.channel)."""
    properties = module.spec.BasicProperties

    def publish(args: list[Any], kwargs: dict[str, Any]) -> MessageSpan | None:
        return _publish(args, kwargs, properties)

    calls.around(module.Channel, "basic_publish", _SENDING, publish, messaging.end)
    calls.around(module.Channel, "basic_consume", _RECEIVING, _consume, _nothing)


def _publish(args: list[Any], kwargs: dict[str, Any], make: Callable[[], Any]) -> MessageSpan | None:
    if messaging.is_producing():
        return None
    exchange = args[1] if len(args) > 1 else kwargs.get("exchange")
    routing_key = args[2] if len(args) > 2 else kwargs.get("routing_key")
    given = args[_PROPERTIES] if len(args) > _PROPERTIES else kwargs.get("properties")
    span, properties = amqp.publish(exchange, routing_key, given, make)
    if len(args) > _PROPERTIES:
        args[_PROPERTIES] = properties
    else:
        kwargs["properties"] = properties
    return span


def _consume(args: list[Any], kwargs: dict[str, Any]) -> None:
    """Give the library our callback, which calls the service's."""
    queue = args[1] if len(args) > 1 else kwargs.get("queue")
    callback = args[2] if len(args) > 2 else kwargs.get("on_message_callback")
    # A blocking channel takes its messages by a callback of its own, and gives them to the service's.
    if not callable(callback) or is_replaced(callback) or _is_own(callback):
        return

    def begin(given: list[Any], _kwargs: dict[str, Any]) -> ConsumerSpan:
        _channel, method, properties = given[:3]
        span = amqp.consume(queue, method, properties)
        messaging.enter(span)
        return span

    followed = mark(calls.wrap(_RECEIVING, begin, messaging.end_entered, callback))
    if len(args) > 2:
        args[2] = followed
    else:
        kwargs["on_message_callback"] = followed


def _is_own(callback: Any) -> bool:
    return getattr(callback, "__name__", "") == "_on_consumer_message_delivery"


def _nothing(*_args: Any) -> None:
    """`_consume` returns None: there is no end of a call to see."""


def patch_blocking(module: Any) -> None:
    """Follow a blocking channel's callbacks and loops (pika.adapters.blocking_connection)."""
    channel = module.BlockingChannel
    calls.around(channel, "basic_consume", _RECEIVING, _consume, _nothing)
    calls.around(channel, "basic_get", _RECEIVING, _ask_queue, _got)
    replace(channel, "consume", _make_consume)
    before(channel, "cancel", _RECEIVING, pulled.done)
    before(channel, "close", _RECEIVING, pulled.done)


def _ask_queue(args: list[Any], kwargs: dict[str, Any]) -> Any:
    channel = pulled.ask(args, kwargs)
    return None if channel is None else (channel, args[1] if len(args) > 1 else kwargs.get("queue"))


def _got(entered: tuple[Any, Any], result: Any, _exc: BaseException | None) -> None:
    channel, queue = entered
    if result is not None and result[0] is not None:
        _deliver(channel, queue, result)


def _deliver(channel: Any, queue: Any, message: Any) -> None:
    """Begin the span of a message, which is a tuple of method, properties and body; all are None in a pause."""
    if message[0] is not None:
        pulled.deliver(channel, amqp.SYSTEM, (message,), lambda _: queue, _get, _details)


def _get(message: Any) -> Callable[[str], Any]:
    return amqp.lookup(message[1])


def _details(_channel: Any, message: Any) -> tuple[tuple[str, Any], ...]:
    return amqp.describe(message[0])


def _make_consume(original: Callable[..., Iterator[Any]]) -> Callable[..., Iterator[Any]]:
    def consume(channel: Any, queue: Any, *args: Any, **kwargs: Any) -> Iterator[Any]:
        messages = original(channel, queue, *args, **kwargs)
        if pulled.is_ignored(channel):
            yield from messages
            return
        try:
            for message in messages:
                guard.call(_RECEIVING, _deliver, channel, queue, message)
                yield message
                guard.call(_RECEIVING, pulled.done, channel)
        finally:
            guard.call(_RECEIVING, pulled.done, channel)

    return consume
