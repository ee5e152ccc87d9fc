"""waitress, and what is built on it (Pyramid's pserve)."""

from __future__ import annotations

import sys

from tracing_bootstrap.instrumentation import wsgi
from tracing_bootstrap.instrumentation.concurrency import termination
from tracing_bootstrap.instrumentation.patching import after, before, finally_
from tracing_bootstrap.recorder.span import ERROR

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_CAUSE = "a waitress request's span could not be ended"
_SPAN = "tracing_span"


def patch_task(module: Any) -> None:
    """Follow a request from its environ to the last byte that its task hands to the channel (waitress.task)."""
    task = module.WSGITask
    # The class gets its own copy of what it inherits: the answers to malformed requests have no span.
    task.finish = module.Task.finish
    after(task, "get_environment", "a waitress request could not be traced", _begin)
    after(task, "finish", _CAUSE, _finished)
    before(module.ErrorTask, "execute", "a waitress response could not be traced", _failed)


def patch_channel(module: Any) -> None:
    """End the span of a request whose answer broke off (waitress.channel): one call serves one request."""
    channel = module.HTTPChannel
    before(channel, "write_soon", "a waitress response could not be traced", _written)
    finally_(channel, "service", _CAUSE, _left)


def patch_server(module: Any) -> None:
    """Take SIGTERM, which waitress lets kill it (waitress.server)."""
    for server in (module.BaseWSGIServer, module.MultiSocketServer):
        before(server, "run", "SIGTERM could not be taken", termination.take)


def _begin(environ: dict[str, Any], task: Any) -> None:
    if not hasattr(task, _SPAN):
        span = task.tracing_span = wsgi.begin(environ)
        if span is not None:
            task.channel.tracing_span = (span, task)


def _finished(_result: None, task: Any) -> None:
    span = getattr(task, _SPAN, None)
    if span is None:
        return
    # Chunks are not counted; a file is handed to the channel whole.
    size = None
    if not task.chunked_response:
        written = task.content_bytes_written
        size = written if written or task.request.command == "HEAD" else task.content_length
    wsgi.end(span, task.status, size, None)


def _failed(task: Any) -> None:
    """Record what the application raised: waitress answers for it while it handles the exception."""
    entry = getattr(task.channel, _SPAN, None)
    exc = sys.exc_info()[1]
    if entry is not None and exc is not None:
        # Malformed requests are answered by the same class, outside of any exception.
        wsgi.end(entry[0], "500 Internal Server Error", None, exc)


def _written(channel: Any, _data: Any) -> None:
    if not channel.connected:
        # waitress now leaves the request: no failure of the application.
        entry = getattr(channel, _SPAN, None)
        if entry is not None:
            entry[0].end()


def _left(channel: Any) -> None:
    entry = channel.__dict__.pop(_SPAN, None)
    if entry is None:
        return
    span, task = entry
    if span.on_end is not None:
        # The application failed when its headers were out already. waitress logs that and keeps nothing of it, and
        # a wrapper around the application would stand in the traceback: all that can be said is that it failed.
        span.status = ERROR
        span.set_attribute("error.type", "_OTHER")
    wsgi.end(span, task.status, None, None)
