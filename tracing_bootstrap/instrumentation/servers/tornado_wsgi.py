"""A WSGI application in tornado's server (tornado.wsgi.WSGIContainer), as in gunicorn's tornado worker."""

from __future__ import annotations

import sys

from tracing_bootstrap.instrumentation import wsgi
from tracing_bootstrap.instrumentation.patching import after, before
from tracing_bootstrap.instrumentation.server_span import request_span

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_SPAN = "tracing_span"


def patch(module: Any) -> None:
    """Follow a request from its environ to its line in the access log (tornado.wsgi, 6.3 and later)."""
    container = module.WSGIContainer
    after(container, "environ", "a WSGI request in tornado could not be traced", _begin)
    before(container, "_log", "a WSGI request's span in tornado could not be ended", _answered)


def _begin(environ: dict[str, Any], _container: Any, request: Any) -> None:
    if request_span() is not None:
        # The container is mounted in a tornado application, whose handler has the request's span.
        return
    span = wsgi.begin(environ)
    if span is None:
        return
    request.tracing_span = span
    task = sys.modules["asyncio"].current_task()
    if task is not None:
        # What the application raises ends the task that it runs in; tornado logs it, and nobody answers.
        task.add_done_callback(lambda ended: _ended(span, ended))


def _answered(_container: Any, status_code: int, request: Any) -> None:
    span = request.__dict__.pop(_SPAN, None)
    if span is not None:
        wsgi.end(span, str(status_code), None, None)


def _ended(span: Any, task: Any) -> None:
    if span.on_end is not None:
        wsgi.end(span, None, None, None if task.cancelled() else task.exception())
