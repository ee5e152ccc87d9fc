"""The standard library's wsgiref server, and Django's runserver, which is built on it."""

from __future__ import annotations

from tracing_bootstrap import guard
from tracing_bootstrap.instrumentation import wsgi
from tracing_bootstrap.instrumentation.patching import replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any


_SPAN = "tracing_span"


def patch_handlers(module: Any) -> None:
    """Follow a request through wsgiref.handlers.BaseHandler, which forgets its answer in `close`."""
    handler = module.BaseHandler

    def make_setup(original: Callable[..., Any]) -> Callable[..., Any]:
        def setup_environ(self: Any) -> Any:
            result = original(self)
            self.tracing_span = guard.call("a wsgiref request could not be traced", wsgi.begin, self.environ)
            return result

        return setup_environ

    def make_log_exception(original: Callable[..., Any]) -> Callable[..., Any]:
        def log_exception(self: Any, exc_info: Any) -> Any:
            guard.call("a wsgiref request's exception could not be recorded", _failed, self, exc_info)
            return original(self, exc_info)

        return log_exception

    def make_close(original: Callable[..., Any]) -> Callable[..., Any]:
        def close(self: Any) -> Any:
            guard.call("a wsgiref request's span could not be ended", _end, self)
            return original(self)

        return close

    def make_run(original: Callable[..., Any]) -> Callable[..., Any]:
        def run(self: Any, application: Any) -> Any:
            try:
                return original(self, application)
            finally:
                # A client that went away: the handler returns without closing.
                guard.call("a wsgiref request's span could not be ended", _end, self)

        return run

    replace(handler, "setup_environ", make_setup)
    replace(handler, "log_exception", make_log_exception)
    replace(handler, "close", make_close)
    replace(handler, "run", make_run)


def _failed(handler: Any, exc_info: Any) -> None:
    span = getattr(handler, _SPAN, None)
    if span is not None and exc_info[1] is not None:
        span.fail(exc_info[1])


def _end(handler: Any) -> None:
    span = handler.__dict__.pop(_SPAN, None)
    if span is not None:
        wsgi.end(span, handler.status, handler.bytes_sent, None)
