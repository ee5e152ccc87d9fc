"""grpc's client: a span for each call that a channel makes, and the trace in its metadata.

The calls of a channel are hooked, below the service's interceptors: one that tries again makes calls of its own. A
span lasts until the call's status is known; of a stream of responses that is its end.
"""

from __future__ import annotations

from tracing_bootstrap import guard
from tracing_bootstrap.instrumentation.patching import replace
from tracing_bootstrap.instrumentation.rpc_span import RpcClientSpan, number
from tracing_bootstrap.recorder import tracer
from tracing_bootstrap.recorder.span import CLIENT, ERROR

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

_CAUSE = "a grpc call could not be traced"
_METADATA = 2


def patch(module: Any) -> None:
    """Follow a call from its start to its status (grpc._channel)."""
    for name in ("_UnaryUnaryMultiCallable", "_StreamUnaryMultiCallable"):
        callable_ = getattr(module, name)
        # Below `__call__` and `with_call`, which raise what it returns.
        replace(callable_, "_blocking", lambda original: _follow(original, _ended))
        replace(callable_, "future", lambda original: _follow(original, _started))
    for name in (
        "_UnaryStreamMultiCallable",
        "_SingleThreadedUnaryStreamMultiCallable",
        "_StreamStreamMultiCallable",
    ):
        replace(getattr(module, name), "__call__", lambda original: _follow(original, _started))


def _follow(original: Callable[..., Any], leave: Callable[[RpcClientSpan, Any], None]) -> Callable[..., Any]:
    def call(self: Any, *args: Any, **kwargs: Any) -> Any:
        begun = guard.call(_CAUSE, _begin, self, args, kwargs)
        if begun is None:
            return original(self, *args, **kwargs)
        span, args, kwargs = begun
        try:
            result = original(self, *args, **kwargs)
        except BaseException as exc:
            guard.call(_CAUSE, _fail, span, exc)
            raise
        guard.call(_CAUSE, leave, span, result)
        return result

    return call


def _begin(
    multi_callable: Any, args: tuple[Any, ...], kwargs: dict[str, Any]
) -> tuple[RpcClientSpan, tuple[Any, ...], dict[str, Any]]:
    """Start the span; return the arguments with the trace in their metadata."""
    span = tracer.child(RpcClientSpan, "", CLIENT)
    if span.on_end is not None:
        span.method = multi_callable._method
        target = getattr(multi_callable, "_target", None)
        span.target = multi_callable._channel.target() if target is None else target
    position = len(args) > _METADATA
    metadata = args[_METADATA] if position else kwargs.get("metadata")
    metadata = tuple(metadata) if metadata else ()
    metadata += tuple(tracer.headers(span, written=[pair[0] for pair in metadata]))
    if position:
        return span, (*args[:_METADATA], metadata, *args[_METADATA + 1 :]), kwargs
    return span, args, {**kwargs, "metadata": metadata}


def _ended(span: RpcClientSpan, result: tuple[Any, Any]) -> None:
    """End the span of a call that was waited for: its state tells how it went."""
    _end(span, result[0])


def _started(span: RpcClientSpan, call: Any) -> None:
    """End the span with the call, without holding the call: one that nobody wants any more is cancelled."""
    state = call._state
    if span.on_end is not None and not call.add_callback(lambda: guard.call(_CAUSE, _end, span, state)):
        _end(span, state)


def _end(span: RpcClientSpan, state: Any) -> None:
    finish(span, state.code, state.details)


def finish(span: RpcClientSpan, code: Any, details: str | None) -> None:
    """End a call's span with its status; every code but OK is an error of the call."""
    if span.on_end is None:
        return
    span.code = code
    if number(code):
        span.set_status(ERROR, details)
    span.end()


def _fail(span: RpcClientSpan, exc: BaseException) -> None:
    span.fail(exc)
    span.end()
