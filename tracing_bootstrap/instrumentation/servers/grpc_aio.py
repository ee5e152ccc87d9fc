"""grpc.aio's server: a span for each call, current in the task that handles it.

The server is compiled: what it offers are interceptors. Ours comes first, puts the span into the call's task, and
hands the handler back in a shape that grpc takes for the handler itself (a partial of it), to see its end.
"""

from __future__ import annotations

from tracing_bootstrap import guard
from tracing_bootstrap.instrumentation.patching import replace
from tracing_bootstrap.instrumentation.rpc_span import RpcServerSpan
from tracing_bootstrap.instrumentation.servers.grpc import begin
from tracing_bootstrap.recorder.context import current

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable
    from typing import Any

_CAUSE = "a grpc.aio call could not be traced"
_INTERCEPTORS = 2
_UNIMPLEMENTED = 12
_UNKNOWN = 2
_CANCELLED = 1


def patch(module: Any) -> None:
    """Give every server our interceptor (grpc.aio._server)."""
    from asyncio import current_task
    from functools import partial

    interceptor = Interceptor(current_task, _behaviour_class(partial))
    module.ServerInterceptor.register(Interceptor)

    def with_ours(interceptors: Any) -> tuple[Any, ...]:
        return (interceptor, *(interceptors or ()))

    def make(original: Callable[..., None]) -> Callable[..., None]:
        def __init__(self: Any, *args: Any, **kwargs: Any) -> None:  # noqa: N807 - it stands in the class
            if len(args) > _INTERCEPTORS:
                args = (*args[:_INTERCEPTORS], with_ours(args[_INTERCEPTORS]), *args[_INTERCEPTORS + 1 :])
            else:
                kwargs["interceptors"] = with_ours(kwargs.get("interceptors"))
            original(self, *args, **kwargs)

        return __init__

    replace(module.Server, "__init__", make)


class Interceptor:
    """Begins a call's span; grpc.aio.ServerInterceptor by registration."""

    def __init__(self, current_task: Callable[[], Any], behaviour: type[Any]) -> None:
        self._current_task = current_task
        self._behaviour = behaviour

    async def intercept_service(self, continuation: Callable[[Any], Awaitable[Any]], details: Any) -> Any:
        """Look the handler up as if we were not here, in a span."""
        span = guard.call(_CAUSE, self._begin, details)
        handler = await continuation(details)
        if span is None or span.on_end is None:
            return handler
        if handler is None:
            span.code = _UNIMPLEMENTED
            guard.call(_CAUSE, span.end)
            return None
        return guard.call(_CAUSE, self._follow, handler, span) or handler

    def _begin(self, details: Any) -> RpcServerSpan:
        span = begin(details.method, details.invocation_metadata or (), "", "")
        current.set(span)
        task = self._current_task()
        if span.on_end is not None and task is not None:
            # For what the handler does not see the end of: a client that goes away before it is called.
            task.add_done_callback(lambda _task: guard.call(_CAUSE, _give_up, span))
        return span

    def _follow(self, handler: Any, span: RpcServerSpan) -> Any:
        for name in ("unary_unary", "unary_stream", "stream_unary", "stream_stream"):
            original = getattr(handler, name)
            if original is not None:
                behaviour = self._behaviour(original)
                behaviour.tracing_span = span
                return handler._replace(**{name: behaviour})
        return None


def _behaviour_class(partial: type[Any]) -> type[Any]:
    """Return a handler's stand-in. `inspect` looks through partials, so it is async where the handler is."""

    class Behaviour(partial):  # type: ignore[misc]
        """Calls the handler, and follows what it returns to its end."""

        tracing_span: RpcServerSpan

        def __call__(self, request: Any, context: Any) -> Any:
            span = self.tracing_span
            guard.call(_CAUSE, _meet, span, context)
            try:
                result = self.func(request, context)
            except BaseException as exc:
                guard.call(_CAUSE, _end, span, context, exc)
                raise
            if hasattr(result, "__anext__"):
                return _stream(result, span, context)
            if hasattr(result, "__await__"):
                return _wait(result, span, context)
            if not hasattr(result, "__next__"):
                guard.call(_CAUSE, _end, span, context, None)
            return result

    return Behaviour


async def _wait(answer: Awaitable[Any], span: RpcServerSpan, context: Any) -> Any:
    try:
        response = await answer
    except BaseException as exc:
        guard.call(_CAUSE, _end, span, context, exc)
        raise
    guard.call(_CAUSE, _end, span, context, None)
    return response


async def _stream(answers: Any, span: RpcServerSpan, context: Any) -> AsyncIterator[Any]:
    try:
        async for response in answers:
            yield response
    except BaseException as exc:
        guard.call(_CAUSE, _end, span, context, exc)
        raise
    else:
        guard.call(_CAUSE, _end, span, context, None)
    finally:
        await answers.aclose()


def _meet(span: RpcServerSpan, context: Any) -> None:
    if span.on_end is not None:
        span.call = (span.call[0], "", context.peer())


def _end(span: RpcServerSpan, context: Any, exc: BaseException | None) -> None:
    if span.on_end is None:
        return
    code = context.code() if hasattr(context, "code") else None
    if exc is None:
        span.code = code or 0
    elif type(exc).__name__ in ("AbortError", "CancelledError"):
        # `context.abort` raises, and so does a client that goes away; neither is the handler's fault.
        span.code = code or _CANCELLED
    else:
        span.fail(exc)
        span.code = code or _UNKNOWN
    span.end()


def _give_up(span: RpcServerSpan) -> None:
    if span.on_end is not None:
        span.code = 0 if span.code is None else span.code
        span.end()
