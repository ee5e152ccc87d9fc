"""Amazon SQS through botocore: a span for each message that is sent, and one for each that a loop receives.

The trace travels in message attributes, of which a message may have ten: those that do not fit are left out. They
are asked for on top of what a service asks for; where it asked for none, it sees none. Asking for messages begins
no trace of its own: most polls bring nothing.
"""

from __future__ import annotations

from _thread import get_ident

from tracing_bootstrap.instrumentation.queues import calls, messaging, pulled
from tracing_bootstrap.recorder.context import current, current_span
from tracing_bootstrap.recorder.span import CLIENT, Span

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

_SYSTEM = "aws_sqs"
_CAUSE = "a message of SQS could not be traced"
_ATTRIBUTES = "MessageAttributes"
_NAMES = "MessageAttributeNames"
_MOST_ATTRIBUTES = 10


def patch_client(module: Any) -> None:
    """Follow the calls of clients for SQS (botocore.client)."""
    calls.around(module.BaseClient, "_make_api_call", _CAUSE, _enter, _leave)


def _enter(args: list[Any], _kwargs: dict[str, Any]) -> Any:
    client, operation = args[:2]
    if client.meta.service_model.service_name != "sqs" or len(args) < 3:
        return None
    parameters = args[2]
    if operation == "SendMessage":
        args[2], leave = _send(parameters)
    elif operation == "SendMessageBatch":
        args[2], leave = _send_batch(parameters)
    elif operation == "ReceiveMessage":
        args[2], leave = _receive(client, parameters)
    else:
        return None
    return leave


def _leave(
    leave: Callable[[Any, BaseException | None], object], result: Any, exc: BaseException | None
) -> None:
    leave(result, exc)


def _queue(parameters: dict[str, Any]) -> str:
    return str(parameters.get("QueueUrl", "")).rpartition("/")[2]


def _send(parameters: dict[str, Any]) -> tuple[dict[str, Any], Any]:
    span = messaging.produce(_SYSTEM, _queue(parameters))
    messaging.enter(span)

    def leave(result: Any, exc: BaseException | None) -> None:
        span.message_id = (result or {}).get("MessageId")
        messaging.leave(span, exc)

    return _carrying(parameters, span), leave


def _send_batch(parameters: dict[str, Any]) -> tuple[dict[str, Any], Any]:
    """Send a batch in one span, in which all of its messages were made."""
    span = messaging.produce(_SYSTEM, _queue(parameters))
    entries = parameters.get("Entries") or []
    span.details = (("messaging.batch.message_count", len(entries)),)
    messaging.enter(span)
    carrying = {**parameters, "Entries": [_carrying(entry, span) for entry in entries]}
    return carrying, lambda _result, exc: messaging.leave(span, exc)


def _carrying(message: dict[str, Any], span: Any) -> dict[str, Any]:
    """Return a copy of a message with as many of the trace's headers as it may have."""
    attributes = dict(message.get(_ATTRIBUTES) or {})
    for name, value in messaging.headers(span, attributes):
        if len(attributes) < _MOST_ATTRIBUTES:
            attributes[name] = {"DataType": "String", "StringValue": value}
    return {**message, _ATTRIBUTES: attributes} if attributes else message


def _receive(client: Any, parameters: dict[str, Any]) -> tuple[dict[str, Any], Any]:
    # Threads share a client.
    key = (id(client), get_ident())
    pulled.done(key)
    own = current_span() is None
    if own:
        # What botocore sends now is below a span that nobody records.
        current.set(Span("", CLIENT, "0" * 31 + "1", "0" * 15 + "1", "", 0, "", "", None))
    asked = list(parameters.get(_NAMES) or ())
    wanted = [name for name in messaging.HEADERS if name not in asked]

    def leave(result: Any, _exc: BaseException | None) -> None:
        if own:
            current.set(None)
        messages = (result or {}).get("Messages") or ()
        pulled.deliver(key, _SYSTEM, messages, lambda _: _queue(parameters), _get, _details)
        if not asked:
            for message in messages:
                _hide(message)

    if "All" in asked or ".*" in asked:
        return parameters, leave
    return {**parameters, _NAMES: [*asked, *wanted]}, leave


def _hide(message: dict[str, Any]) -> None:
    """Take from a message what only we have asked for."""
    attributes = message.get(_ATTRIBUTES)
    if attributes and set(attributes) <= set(messaging.HEADERS):
        del message[_ATTRIBUTES]
        message.pop("MD5OfMessageAttributes", None)


def _get(message: dict[str, Any]) -> Callable[[str], Any]:
    values = {
        name: attribute.get("StringValue") for name, attribute in (message.get(_ATTRIBUTES) or {}).items()
    }
    return values.get


def _details(_key: Any, message: dict[str, Any]) -> tuple[tuple[str, Any], ...]:
    return (("messaging.message.id", message.get("MessageId")),)
