"""cheroot, the server of CherryPy."""

from __future__ import annotations

import sys

from tracing_bootstrap.instrumentation import wsgi
from tracing_bootstrap.instrumentation.concurrency import termination
from tracing_bootstrap.instrumentation.patching import after, before, finally_
from tracing_bootstrap.recorder.context import current

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_SPAN = "tracing_span"


def patch_wsgi(module: Any) -> None:
    """Begin a span when the gateway has made a request's environ (cheroot.wsgi)."""
    gateway = module.Gateway
    after(gateway, "__init__", "a cheroot request could not be traced", _begin)
    after(gateway, "write", "a cheroot response could not be traced", _written)


def patch_server(module: Any) -> None:
    """End it when the connection has answered its one request; take SIGTERM (cheroot.server)."""
    connection = module.HTTPConnection
    before(connection, "_conditional_error", "a cheroot request's exception could not be recorded", _failed)
    finally_(connection, "communicate", "a cheroot request's span could not be ended", _end)
    before(module.HTTPServer, "serve", "SIGTERM could not be taken", termination.take)


def _begin(_result: None, gateway: Any, request: Any) -> None:
    span = wsgi.begin(gateway.env)
    if span is not None:
        request.conn.tracing_span = (span, request)
        span.body_size = 0


def _written(_result: None, gateway: Any, chunk: bytes) -> None:
    entry = getattr(gateway.req.conn, _SPAN, None)
    if entry is not None and gateway.req.method != b"HEAD":
        entry[0].body_size += len(chunk)


def _failed(connection: Any, request: Any, response: str) -> None:
    """Record what the application raised: cheroot answers for it while it handles the exception."""
    entry = getattr(connection, _SPAN, None)
    exc = sys.exc_info()[1]
    if entry is not None and exc is not None:
        span = entry[0]
        span.fail(exc)
        if not request.sent_headers:
            request.status = response.encode("latin-1")


def _end(connection: Any) -> None:
    entry = connection.__dict__.pop(_SPAN, None)
    if entry is None:
        return
    span, request = entry
    status = request.status
    wsgi.end(span, status.decode("latin-1") if isinstance(status, bytes) else status, None, None)
    current.set(None)
