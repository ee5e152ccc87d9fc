"""Celery: a span for each task that is sent, from services, tasks and beat, and one for each that a worker runs.

Producers are hooked where every way to send a task ends (`AMQP.send_task_message`), consumers by Celery's own
signals, which every pool sends around a task. The queue is the destination; spans are named by the task.
"""

from __future__ import annotations

import sys

from tracing_bootstrap import guard
from tracing_bootstrap.instrumentation.patching import is_replaced, mark, replace
from tracing_bootstrap.instrumentation.queues import calls, messaging
from tracing_bootstrap.instrumentation.queues.messaging_span import SEND, MessageSpan
from tracing_bootstrap.recorder.context import current_span

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from tracing_bootstrap.instrumentation.queues.messaging_span import ConsumerSpan

_SYSTEM = "celery"
_SENDING = "a Celery task that was sent could not be traced"
_RUNNING = "a Celery task could not be traced"

# The spans of the tasks that this process runs, by the identity of their requests.
_running: dict[int, ConsumerSpan] = {}


def patch_amqp(module: Any) -> None:
    """Have every task that is sent carry the trace (celery.app.amqp)."""
    replace(module.AMQP, "_create_task_sender", _make_sender)
    module.signals.before_task_publish.connect(_published, weak=False, dispatch_uid="tracing_bootstrap")


def _make_sender(create: Callable[..., Callable[..., Any]]) -> Callable[..., Any]:
    def create_task_sender(amqp: Any) -> Callable[..., Any]:
        send = create(amqp)
        return send if is_replaced(send) else mark(calls.wrap(_SENDING, _send, messaging.end_entered, send))

    return create_task_sender


def _send(args: list[Any], kwargs: dict[str, Any]) -> MessageSpan | None:
    """Start the span of a task and give the task its headers."""
    connection, name, message = args[:3]
    own = message[0]
    if "id" not in own:
        # The first version of Celery's protocol has no headers.
        return None
    span = messaging.produce(_SYSTEM, "", subject=name)
    if span.on_end is not None:
        span.message_id = own["id"]
        broker = getattr(connection, "__connection__", None)
        span.details = (
            ("server.address", getattr(broker, "hostname", None)),
            ("server.port", getattr(broker, "port", None)),
        )
    given = kwargs.get("headers")
    if not given:
        own.update(messaging.headers(span, own))
    else:
        # A retry is sent with the headers that the task came with: those are replaced.
        written = () if messaging.was_copied(given.get("traceparent")) else given
        kwargs["headers"] = {**given, **dict(messaging.headers(span, written))}
    messaging.enter(span)
    return span


def _published(exchange: Any = "", routing_key: Any = "", **_named: Any) -> None:
    """Take the destination, which is known when the message is about to be published."""
    guard.call(_SENDING, _take_destination, exchange, routing_key)


def _take_destination(exchange: Any, routing_key: Any) -> None:
    span = current_span()
    if isinstance(span, MessageSpan) and span.operation is SEND:
        span.destination = getattr(exchange, "name", exchange) or routing_key


def patch_trace(module: Any) -> None:
    """Follow the tasks that a worker runs (celery.app.trace)."""
    signals = module.signals
    signals.task_prerun.connect(_prerun, weak=False, dispatch_uid="tracing_bootstrap")
    signals.task_postrun.connect(_postrun, weak=False, dispatch_uid="tracing_bootstrap")


def _prerun(task: Any = None, task_id: Any = None, **_named: Any) -> None:
    guard.call(_RUNNING, _begin, task, task_id)


def _begin(task: Any, task_id: Any) -> None:
    request = task.request
    if request.is_eager or request.called_directly:
        # No message: the caller's own span is current.
        return
    delivery = request.delivery_info or {}
    destination = delivery.get("exchange") or delivery.get("routing_key")
    span = messaging.consume(_SYSTEM, destination, request.get, subject=task.name)
    span.message_id = task_id
    _running[id(request)] = span
    messaging.enter(span)


def _postrun(task: Any = None, retval: Any = None, state: Any = None, **_named: Any) -> None:
    guard.call(_RUNNING, _end, task, retval, state)


def _end(task: Any, retval: Any, state: Any) -> None:
    span = _running.pop(id(task.request), None)
    if span is None:
        return
    failed = sys.exc_info()[1] if state is None else retval if state == "FAILURE" else None
    messaging.leave(span, failed if isinstance(failed, BaseException) else None)
