"""werkzeug's own server (`flask run`, `app.run()`)."""

from __future__ import annotations

import sys

from tracing_bootstrap import guard
from tracing_bootstrap.instrumentation import http_attributes, wsgi
from tracing_bootstrap.instrumentation.patching import replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any


_SPAN = "tracing_span"


def patch_serving(module: Any) -> None:
    """Follow a request from its environ to the end of `run_wsgi` (werkzeug.serving)."""
    handler = module.WSGIRequestHandler

    def make_environ(original: Callable[..., Any]) -> Callable[..., Any]:
        def make_environ(self: Any) -> Any:
            environ = original(self)
            self.tracing_span = guard.call("a werkzeug request could not be traced", wsgi.begin, environ)
            return environ

        return make_environ

    def make_send_response(original: Callable[..., Any]) -> Callable[..., Any]:
        def send_response(self: Any, code: Any, message: Any = None) -> Any:
            guard.call("a werkzeug response could not be traced", _answered, self, code)
            return original(self, code, message)

        return send_response

    def make_send_header(original: Callable[..., Any]) -> Callable[..., Any]:
        def send_header(self: Any, keyword: Any, value: Any) -> Any:
            if keyword.lower() == "content-length":
                guard.call("a werkzeug response could not be traced", _sized, self, value)
            return original(self, keyword, value)

        return send_header

    def make_run(original: Callable[..., Any]) -> Callable[..., Any]:
        def run_wsgi(self: Any) -> Any:
            try:
                return original(self)
            finally:
                guard.call("a werkzeug request's span could not be ended", _end, self)

        return run_wsgi

    replace(handler, "make_environ", make_environ)
    replace(handler, "run_wsgi", make_run)
    _replace_inherited(handler, "send_response", make_send_response)
    _replace_inherited(handler, "send_header", make_send_header)


def _replace_inherited(
    handler: Any, name: str, make: Callable[[Callable[..., Any]], Callable[..., Any]]
) -> None:
    """Give the class its own copy of an inherited method first: http.server's other handlers stay as they are."""
    if name not in vars(handler):
        setattr(handler, name, getattr(handler, name))
    replace(handler, name, make)


def _answered(handler: Any, code: Any) -> None:
    span = getattr(handler, _SPAN, None)
    if span is None:
        return
    span.status_line = str(int(code))
    exc = sys.exc_info()[1]
    if exc is not None and span.status_line == "500":
        # The server answers for an application that raised, inside the handler of what it raised.
        span.fail(exc)


def _sized(handler: Any, value: Any) -> None:
    span = getattr(handler, _SPAN, None)
    if span is not None:
        span.body_size = http_attributes.size(str(value))


def _end(handler: Any) -> None:
    span = handler.__dict__.pop(_SPAN, None)
    if span is not None:
        wsgi.end(span, None, None, None)
