"""granian: what its Rust calls for ASGI and for WSGI."""

from __future__ import annotations

from tracing_bootstrap import guard
from tracing_bootstrap.instrumentation import wsgi
from tracing_bootstrap.instrumentation.asgi import traced
from tracing_bootstrap.instrumentation.patching import after, before, replace
from tracing_bootstrap.instrumentation.server_span import ServerSpan
from tracing_bootstrap.recorder.context import current

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

_CAUSE = "a granian request could not be traced"
_END = "a granian request's span could not be ended"
_ERROR = "500 Internal Server Error"


def patch_asgi(module: Any) -> None:
    """Put the traced application in the place of the one that granian wraps (granian.asgi)."""

    def make(original: Callable[..., Any]) -> Callable[..., Any]:
        def _callback_wrapper(callback: Any, *args: Any, **kwargs: Any) -> Any:
            return original(traced(callback), *args, **kwargs)

        return _callback_wrapper

    replace(module, "_callback_wrapper", make)


def patch_wsgi(module: Any) -> None:
    """Do the same for WSGI, and follow a body that is made while it is sent (granian.wsgi)."""

    def make(original: Callable[..., Any]) -> Callable[..., Any]:
        def _callback_wrapper(callback: Any, *args: Any, **kwargs: Any) -> Any:
            return original(_traced_wsgi(callback), *args, **kwargs)

        return _callback_wrapper

    replace(module, "_callback_wrapper", make)
    after(module.ResponseIterWrap, "__init__", _END, _follow)
    before(module.ResponseIterWrap, "close", _END, _closed)


def _traced_wsgi(callback: Callable[..., Any]) -> Callable[..., Any]:
    def call(environ: Any, response: Any) -> Any:
        span = guard.call(_CAUSE, wsgi.begin, environ)
        try:
            body = callback(environ, response)
        except BaseException as exc:
            if span is not None:
                guard.call(_END, wsgi.end, span, _ERROR, None, exc)
            guard.forget_frame(exc)
            raise
        if span is not None:
            guard.call(_END, _answered, span, response, body)
        return body

    return call


def _answered(span: ServerSpan, response: Any, body: Any) -> None:
    span.status_line = str(response.status)
    if isinstance(body, list):
        # granian sends it at once; everything else it iterates over.
        wsgi.end(span, None, sum(map(len, body)), None)


def _follow(_result: None, iterator: Any, *_args: Any) -> None:
    span = current.get()
    if not isinstance(span, ServerSpan) or span.on_end is None:
        return
    step = iterator.__next__
    sizes: list[int] = []

    def __next__() -> Any:  # noqa: N807 - granian calls it by this name
        # Another thread may ask for the body than the one that called the application.
        current.set(span)
        try:
            part = step()
        except StopIteration:
            guard.call(_END, wsgi.end, span, None, sum(sizes), None)
            raise
        except BaseException as exc:
            guard.call(_END, wsgi.end, span, None, sum(sizes), exc)
            guard.forget_frame(exc)
            raise
        sizes.append(len(part))
        return part

    iterator.__next__ = __next__


def _closed(_iterator: Any) -> None:
    """End the span of a body that nobody wanted to its end."""
    span = current.get()
    if isinstance(span, ServerSpan):
        wsgi.end(span, None, None, None)
