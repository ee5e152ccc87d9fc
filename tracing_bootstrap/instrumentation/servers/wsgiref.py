"""The standard library's wsgiref server, and Django's runserver, which is built on it."""

from __future__ import annotations

from tracing_bootstrap.instrumentation import wsgi
from tracing_bootstrap.instrumentation.patching import after, before, finally_

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


_SPAN = "tracing_span"


def patch_handlers(module: Any) -> None:
    """Follow a request through wsgiref.handlers.BaseHandler, which forgets its answer in `close`."""
    handler = module.BaseHandler
    cause = "a wsgiref request's span could not be ended"
    after(handler, "setup_environ", "a wsgiref request could not be traced", _begin)
    # SIGTERM may come when the answer is out and `close` is not reached: what is known of it is told before that.
    after(handler, "start_response", "a wsgiref response could not be traced", _answered)
    before(handler, "log_exception", "a wsgiref request's exception could not be recorded", _failed)
    before(handler, "close", cause, _end)
    # A client that went away: the handler returns without closing.
    finally_(handler, "run", cause, _end)


def _begin(_result: None, handler: Any) -> None:
    handler.tracing_span = wsgi.begin(handler.environ)


def _answered(_write: Any, handler: Any, status: Any, *_headers: Any) -> None:
    span = getattr(handler, _SPAN, None)
    if span is not None:
        span.status_line = status


def _failed(handler: Any, exc_info: Any) -> None:
    span = getattr(handler, _SPAN, None)
    if span is not None and exc_info[1] is not None:
        span.fail(exc_info[1])


def _end(handler: Any, *_application: Any) -> None:
    span = handler.__dict__.pop(_SPAN, None)
    if span is not None:
        wsgi.end(span, handler.status, handler.bytes_sent, None)
