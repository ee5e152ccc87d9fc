"""grpc's server: a span for each call, current in the thread that handles it.

grpc runs interceptors and handler in a context of the call's own, so that nothing is wrapped: the span is put into
it when the handler is looked up, and ends right before the status is sent.
"""

from __future__ import annotations

import sys

from tracing_bootstrap.instrumentation.patching import before, finally_
from tracing_bootstrap.instrumentation.rpc_span import RpcServerSpan, number
from tracing_bootstrap.recorder.context import current
from tracing_bootstrap.recorder.tracer import from_headers

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

_CAUSE = "a grpc call could not be traced"
_END_CAUSE = "a grpc call's span could not be ended"


def patch(module: Any) -> None:
    """Follow a call from the lookup of its handler to its status (grpc._server)."""
    before(module, "_find_method_handler", _CAUSE, _begin)
    before(module, "_reject_rpc", _END_CAUSE, _rejected)
    before(module, "_abort", _END_CAUSE, _aborted)
    before(module, "_status", _END_CAUSE, _answered)
    # A call that the client gave up has no status.
    for name in ("_unary_response_in_pool", "_stream_response_in_pool"):
        finally_(module, name, _END_CAUSE, _left)


def begin(method: Any, metadata: Iterable[Any], authority: Any, peer: Any) -> RpcServerSpan:
    """Start a call's span from its metadata; values of keys in `-bin` are bytes, and none of a trace's."""
    values: dict[str, str] = {}
    for pair in metadata:
        key, value = pair[0], pair[1]
        if isinstance(value, str):
            values[key] = f"{values[key]},{value}" if key in values else value
    get = values.get
    span = from_headers(
        RpcServerSpan, get("traceparent"), get("tracestate"), get("baggage"), get, lambda: list(values)
    )
    if span.on_end is not None:
        span.call = (method, authority, peer)
    return span


def _begin(rpc_event: Any, state: Any, *_handlers: Any) -> None:
    details = rpc_event.call_details
    method = details.method
    if not method:
        # A method that was registered with the core: only its record knows the name.
        method = _handlers[0].name()
    span = begin(method, rpc_event.invocation_metadata or (), details.host, rpc_event.call.peer())
    state.tracing_span = span
    state.context.run(current.set, span)


def _end(state: Any, code: Any) -> None:
    span = getattr(state, "tracing_span", None)
    if span is None or span.on_end is None:
        return
    exc = sys.exc_info()[1]
    # `context.abort` raises an exception of grpc's own, which carries nothing.
    if exc is not None and not state.aborted and isinstance(exc, Exception):
        span.fail(exc)
    span.code = code
    span.end()


def _rejected(_rpc_event: Any, state: Any, status: Any, *_details: Any) -> None:
    _end(state, status)


def _aborted(state: Any, _call: Any, code: Any, *_details: Any) -> None:
    # The handler's own code goes first.
    _end(state, code if state.code is None else state.code)


def _answered(_rpc_event: Any, state: Any, *_response: Any) -> None:
    _end(state, 0 if state.code is None else state.code)


def _left(_rpc_event: Any, state: Any, *_args: Any) -> None:
    if getattr(state, "tracing_span", None) is not None:
        _end(state, 1 if number(state.code) is None else state.code)
