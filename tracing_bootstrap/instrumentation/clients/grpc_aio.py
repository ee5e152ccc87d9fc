"""grpc.aio's client: a span for each call that a channel makes, and the trace in its metadata."""

from __future__ import annotations

from tracing_bootstrap import guard
from tracing_bootstrap.instrumentation.clients.grpc import finish
from tracing_bootstrap.instrumentation.patching import after, before
from tracing_bootstrap.instrumentation.rpc_span import RpcClientSpan
from tracing_bootstrap.recorder import tracer
from tracing_bootstrap.recorder.span import CLIENT

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_CAUSE = "a grpc.aio call could not be traced"
_CHANNEL, _METHOD = 5, 6

#: What each of the core's channels, which do not tell it, was made with.
_targets: dict[int, str] = {}


def patch_channel(module: Any) -> None:
    """Remember where a channel goes (grpc.aio._channel)."""
    from weakref import finalize

    def made(_result: None, channel: Any, target: str, *_args: Any) -> None:
        key = id(channel._channel)
        _targets[key] = target
        finalize(channel, _targets.pop, key, None).atexit = False

    after(module.Channel, "__init__", _CAUSE, made)


def patch_call(module: Any) -> None:
    """Follow a call from its start to its status (grpc.aio._call).

    The base class's constructor takes the metadata; the task that sends it starts after that.
    """
    for name in ("UnaryUnaryCall", "UnaryStreamCall", "StreamUnaryCall", "StreamStreamCall"):
        before(getattr(module, name), "__init__", _CAUSE, _begin)
    after(module.Call, "__init__", _CAUSE, _inject)


def _begin(call: Any, *args: Any) -> None:
    span = call.tracing_span = tracer.child(RpcClientSpan, "", CLIENT)
    if span.on_end is not None:
        span.method = args[_METHOD]
        span.target = _targets.get(id(args[_CHANNEL]), "")


def _inject(_result: None, call: Any, *_args: Any) -> None:
    span = call.__dict__.pop("tracing_span", None)
    if span is None:
        return
    metadata = tuple(call._metadata)
    call._metadata = metadata + tuple(tracer.headers(span, written=[pair[0] for pair in metadata]))
    if span.on_end is not None:
        # Emptied at the end: the core's call must not hold itself.
        calls = [call._cython_call]
        calls[0].add_done_callback(lambda: guard.call(_CAUSE, _end, span, calls.pop()))


def _end(span: RpcClientSpan, cython_call: Any) -> None:
    waiting = cython_call.status()
    try:
        # It is known by now, so that the coroutine returns at once.
        waiting.send(None)
    except StopIteration as done:
        finish(span, done.value.code(), done.value.details())
    else:
        waiting.close()
        finish(span, None, None)
