"""gevent's own WSGI server (gevent.pywsgi), alone and as a gunicorn worker."""

from __future__ import annotations

import os
import signal
import sys
from time import monotonic

from tracing_bootstrap import guard
from tracing_bootstrap.instrumentation import http_attributes, wsgi
from tracing_bootstrap.instrumentation.patching import around, before
from tracing_bootstrap.recorder import tracer
from tracing_bootstrap.recorder.context import current_span

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from tracing_bootstrap.instrumentation.server_span import ServerSpan

_INIT = 1


def patch_pywsgi(module: Any) -> None:
    """Follow a request through `handle_one_response`, which lets no exception out (gevent.pywsgi)."""
    handler = module.WSGIHandler
    around(handler, "handle_one_response", "a gevent request could not be traced", _begin, _end)
    before(handler, "handle_error", "a gevent request's exception could not be recorded", _failed)


def patch_baseserver(module: Any) -> None:
    """Take SIGTERM, which gevent's servers let kill them (gevent.baseserver)."""
    before(module.BaseServer, "serve_forever", "SIGTERM could not be taken", _take)


def _begin(handler: Any) -> tuple[Any, ServerSpan] | None:
    span = wsgi.begin(handler.environ)
    return None if span is None else (handler, span)


def _failed(_handler: Any, _kind: Any, exc: BaseException | None, *_traceback: Any) -> None:
    span = current_span()
    if span is not None and exc is not None:
        span.fail(exc)


def _end(entered: tuple[Any, ServerSpan], _result: None, exc: BaseException | None) -> None:
    handler, span = entered
    status = handler.status
    if status is None and span.status:
        # The application raised before it said anything, and the server answered by itself.
        status = "500 Internal Server Error"
    size = None
    if handler.command != "HEAD":
        lengths = [
            value for name, value in handler.response_headers or () if name.lower() == b"content-length"
        ]
        size = http_attributes.size(lengths[0].decode("latin-1")) if lengths else None
    wsgi.end(span, status.decode("latin-1") if isinstance(status, bytes) else status, size, exc)


def _take(*_args: Any) -> None:
    """Have SIGTERM wake a greenlet that sends the last spans: the hub, where signals arrive, may not wait.

    gevent's watcher does not show in `signal.getsignal`, and what the service sets by `signal.signal` replaces it.
    Watchers of the service itself do not show there either, so the kernel is asked.
    """
    gevent: Any = sys.modules["gevent"]
    if signal.getsignal(signal.SIGTERM) is signal.SIG_DFL and not _is_caught(signal.SIGTERM):
        gevent.signal_handler(signal.SIGTERM, _terminate)


def _is_caught(signum: int) -> bool:
    """Whether this process has a handler for a signal, by whatever means it was set (proc(5), "SigCgt")."""
    with open("/proc/self/status", encoding="ascii", errors="replace") as file:
        caught = next(line for line in file if line.startswith("SigCgt:"))
    return bool(int(caught.split()[1], 16) >> (signum - 1) & 1)


def _terminate() -> None:
    """Send the last spans while the other greenlets end their requests; then die of the signal."""
    if os.getpid() == _INIT:
        guard.call("spans could not be sent", tracer.flush, tracer.EXIT_SECONDS)
        return
    until = monotonic() + tracer.EXIT_SECONDS
    guard.call("the last spans could not be sent", tracer.flush, tracer.EXIT_SECONDS / 2)
    guard.call("the last spans could not be sent", tracer.shutdown, until - monotonic())
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    os.kill(os.getpid(), signal.SIGTERM)
