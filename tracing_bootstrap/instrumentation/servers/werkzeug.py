"""werkzeug's own server (`flask run`, `app.run()`)."""

from __future__ import annotations

import sys

from tracing_bootstrap.instrumentation import http_attributes, wsgi
from tracing_bootstrap.instrumentation.patching import after, before, finally_
from tracing_bootstrap.recorder.context import current_span
from tracing_bootstrap.recorder.span import ERROR

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


_SPAN = "tracing_span"


def patch_serving(module: Any) -> None:
    """Follow a request from its environ to the end of `run_wsgi` (werkzeug.serving)."""
    handler = module.WSGIRequestHandler
    for name in ("send_response", "send_header"):
        # The class gets its own copy of what it may inherit: http.server's other handlers stay as they are.
        if name not in vars(handler):
            setattr(handler, name, getattr(handler, name))
    after(handler, "make_environ", "a werkzeug request could not be traced", _begin)
    before(handler, "send_response", "a werkzeug response could not be traced", _answered)
    before(handler, "send_header", "a werkzeug response could not be traced", _sized)
    before(module.BaseWSGIServer, "log", "a werkzeug request's exception could not be recorded", _logged)
    finally_(handler, "run_wsgi", "a werkzeug request's span could not be ended", _end)


def _begin(environ: dict[str, Any], handler: Any) -> None:
    handler.tracing_span = wsgi.begin(environ)


def _answered(handler: Any, code: Any, *_message: Any) -> None:
    span = getattr(handler, _SPAN, None)
    if span is None:
        return
    span.status_line = str(int(code))
    exc = sys.exc_info()[1]
    if exc is not None and span.status_line == "500":
        # The server answers for an application that raised, inside the handler of what it raised.
        span.fail(exc)


def _logged(_server: Any, kind: str, *_message: Any) -> None:
    """Record what the application raised when its headers were out: nothing is answered then, only logged."""
    exc = sys.exc_info()[1]
    span = current_span()
    if kind == "error" and exc is not None and span is not None and span.status != ERROR:
        span.fail(exc)


def _sized(handler: Any, keyword: str, value: Any) -> None:
    if keyword.lower() == "content-length":
        span = getattr(handler, _SPAN, None)
        if span is not None:
            span.body_size = http_attributes.size(str(value))


def _end(handler: Any) -> None:
    span = handler.__dict__.pop(_SPAN, None)
    if span is not None:
        wsgi.end(span, None, None, None)
