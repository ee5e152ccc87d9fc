"""A WSGI application in tornado's server (tornado.wsgi.WSGIContainer): what it raises. The span is tornado's own."""

from __future__ import annotations

import sys

from tracing_bootstrap.instrumentation.patching import after
from tracing_bootstrap.instrumentation.server_span import request_span

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def patch(module: Any) -> None:
    """See how the task ends in which the container calls the application (tornado.wsgi, 6.3 and later)."""
    after(module.WSGIContainer, "environ", "a WSGI application in tornado could not be followed", _follow)


def _follow(_environ: dict[str, Any], *_args: Any) -> None:
    span = request_span()
    task = sys.modules["asyncio"].current_task()
    if span is None or task is None:
        return

    def ended(task: Any) -> None:
        # tornado asks for the exception too, to log it, and nobody answers the client.
        exc = None if task.cancelled() else task.exception()
        if exc is not None:
            span.fail(exc)

    task.add_done_callback(ended)
