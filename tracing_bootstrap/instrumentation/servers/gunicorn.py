"""gunicorn's WSGI workers: sync, gthread, and all that make their environ with gunicorn.http.wsgi.create.

`create` is called right before the application, and the hook `post_request` right after the access log, in a
`finally`, in every worker class since gunicorn 19. So one function and one hook cover them all, custom worker
classes and custom applications included.
"""

from __future__ import annotations

import sys

from tracing_bootstrap import guard
from tracing_bootstrap.instrumentation import wsgi
from tracing_bootstrap.instrumentation.patching import after, is_replaced, mark
from tracing_bootstrap.recorder.context import current_span

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from tracing_bootstrap.instrumentation.server_span import ServerSpan

# The workers' configuration whose post_request is ours: one per process, and one more for each reload.
_chained: Any = None


def patch_wsgi(module: Any) -> None:
    """Begin a span when gunicorn has made a request's environ (gunicorn.http.wsgi)."""
    after(module, "create", "a gunicorn request could not be traced", _begin)


def _begin(
    made: tuple[Any, dict[str, Any]], _req: Any, _sock: Any, _client: Any, _server: Any, cfg: Any
) -> None:
    if cfg is not _chained:
        _chain(cfg)
    made[0].tracing_span = wsgi.begin(made[1])


def _chain(cfg: Any) -> None:
    """Put our end of a request behind the service's own post_request hook."""
    global _chained
    setting = cfg.settings["post_request"]
    theirs = setting.get()
    if not is_replaced(theirs):
        cause = "a gunicorn request's span could not be ended"
        # gunicorn's default does nothing: there is nothing to call then.
        default = getattr(theirs, "__module__", "") == "gunicorn.config"
        # Not by cfg.set, which wants to see a hook's four parameters by name.
        setting.value = mark(guard.instead(cause, _end) if default else guard.finally_(cause, _end, theirs))
    _chained = cfg


def _end(_worker: Any, req: Any, _environ: Any, resp: Any) -> None:
    span = getattr(resp, "tracing_span", None)
    if span is None:
        return
    if span.on_end is None:
        wsgi.set_current(None)
        return
    exc = sys.exc_info()[1]
    if isinstance(exc, StopIteration):
        # How the workers leave a connection: after an answer that closes it, or, once the headers are out, for an
        # exception that they have logged.
        exc = exc.__context__
    if exc is None:
        size = resp.sent
        if not size and resp.response_length and req.method != "HEAD":
            # What sendfile sent is not counted.
            size = resp.response_length
        wsgi.end(span, resp.status, size, None)
    else:
        _end_failed(span, resp, exc)


def _end_failed(span: ServerSpan, resp: Any, exc: BaseException) -> None:
    if resp.headers_sent:
        wsgi.end(span, resp.status, resp.sent, exc)
    else:
        # Nothing was sent yet: the worker answers 500 itself.
        wsgi.end(span, "500 Internal Server Error", None, exc)


def patch_glogging(module: Any) -> None:
    """Offer `%(trace_id)s` and `%(span_id)s` to access log formats (gunicorn.glogging)."""
    after(module.Logger, "atoms", "a gunicorn access log line could not carry its trace id", _add_atoms)


def _add_atoms(atoms: dict[str, Any], *_args: Any) -> None:
    span = current_span()
    if span is not None:
        atoms["trace_id"] = span.trace_id
        atoms["span_id"] = span.span_id
