"""Begins and ends the span of an ASGI request or WebSocket connection, around whatever application a server calls.

A server's module puts `Traced` in the place of the application that the server holds. The frame that stands
around the application's coroutine is taken out of what it raises, so that a service's tracebacks are as they
were; what the application sends is seen beside `send`, and not around it.
"""

from __future__ import annotations

from tracing_bootstrap import guard
from tracing_bootstrap.instrumentation.asgi_span import AsgiSpan, is_excluded, take
from tracing_bootstrap.recorder import tracer
from tracing_bootstrap.recorder.context import current
from tracing_bootstrap.recorder.tracer import from_headers

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Mapping
    from typing import Any

    Send = Callable[[Mapping[str, Any]], Awaitable[None]]

_CAUSE = "an ASGI request could not be traced"
_END = "an ASGI request's span could not be ended"

set_current = current.set


class Traced:
    """An ASGI application with its requests in spans; in all else the application itself."""

    __slots__ = ("_app",)

    def __init__(self, app: Any) -> None:
        self._app = app

    def __call__(self, scope: Any, receive: Any, send: Any) -> Any:
        """Return what the application returns; lifespan, and what else there may be, is none of our business."""
        if scope["type"] in ("http", "websocket"):
            return _serve(self._app, scope, receive, send)
        return self._app(scope, receive, send)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._app, name)


def traced(app: Any) -> Any:
    """Return the application with its requests in spans; once, however often it is called."""
    return app if isinstance(app, Traced) else Traced(app)


async def _serve(app: Any, scope: Any, receive: Any, send: Send) -> Any:
    # Nothing is set back at the end: a request has a task of its own, or (gunicorn) the connection's next request
    # sets its own, and an access log that is written in between names this one.
    span = guard.call(_CAUSE, begin, scope)
    if span is None:
        set_current(None)
    try:
        if span is None or span.on_end is None:
            # Excluded, or not sampled: then the span only carries the trace on.
            return await app(scope, receive, send)
        result = await app(scope, receive, guard.before(_CAUSE, span.sent, send))
    except BaseException as exc:
        if span is not None:
            guard.call(_END, end, span, exc)
        guard.forget_frame(exc)
        raise
    else:
        guard.call(_END, end, span, None)
        return result


def begin(scope: Mapping[str, Any]) -> AsgiSpan | None:
    """Start the request's span and make it current; None where its URL is excluded from tracing."""
    given = scope["headers"]
    many = len(given)
    headers = dict(given)
    if len(headers) != many:
        headers = join(given)
    excluded = tracer.excluded
    if excluded is not None and is_excluded(excluded, scope, headers):
        return None
    get = headers.get

    def find(name: str) -> str | None:
        value = get(name.encode("latin-1"))
        return None if value is None else value.decode("latin-1")

    def names() -> list[str]:
        return [name.decode("latin-1") for name in headers]

    parent = get(b"traceparent")
    state = get(b"tracestate")
    baggage = get(b"baggage")
    span = from_headers(
        AsgiSpan,
        None if parent is None else parent.decode("latin-1"),
        None if state is None else state.decode("latin-1"),
        None if baggage is None else baggage.decode("latin-1"),
        find,
        names,
    )
    if span.on_end is not None:
        span.request = take(scope, headers)
        root = scope.get("root_path")
        if root:
            # Where a proxy has mounted the application; http.route contains it.
            span.mounted = root.rstrip("/")
    set_current(span)
    return span


def join(headers: Iterable[tuple[bytes, bytes]]) -> dict[bytes, bytes]:
    """Return headers by name, the values of one name joined with commas (RFC 9110, section 5.3).

    Two traceparent headers are thereby no valid one, as W3C Trace Context wants it.
    """
    joined: dict[bytes, bytes] = {}
    for name, value in headers:
        joined[name] = joined[name] + b"," + value if name in joined else value
    return joined


def end(span: AsgiSpan, exc: BaseException | None) -> None:
    """End a request's span; `exc` is what escaped from the application. The second end of a span does nothing."""
    if span.on_end is None:
        return
    # A cancelled task is a client that went away, or a server that stops: nothing that the service did wrong.
    if isinstance(exc, Exception):
        if span.status_code is None:
            # Nothing was answered yet: the server does it.
            span.status_code = 500
        span.fail(exc)
    span.end()
