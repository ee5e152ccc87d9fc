"""gunicorn's WSGI workers: sync, gthread, and all that make their environ with gunicorn.http.wsgi.create.

`create` is called right before the application, and the hook `post_request` right after the access log, in a
`finally`, in every worker class since gunicorn 19. So one function and one hook cover them all, custom worker
classes and custom applications included.
"""

from __future__ import annotations

import sys

from tracing_bootstrap import guard
from tracing_bootstrap.instrumentation import wsgi
from tracing_bootstrap.instrumentation.patching import is_replaced, replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

_SPAN = "tracing_span"

# The workers' configuration whose post_request is ours: one per process, and one more for each reload.
_chained: Any = None


def patch_wsgi(module: Any) -> None:
    """Begin a span when gunicorn has made a request's environ (gunicorn.http.wsgi)."""

    def make(original: Callable[..., Any]) -> Callable[..., Any]:
        def create(req: Any, sock: Any, client: Any, server: Any, cfg: Any) -> Any:
            made = original(req, sock, client, server, cfg)
            _begin(made, cfg)
            return made

        return create

    replace(module, "create", make)


@guard.guarded("a gunicorn request could not be traced")
def _begin(made: tuple[Any, dict[str, Any]], cfg: Any) -> None:
    if cfg is not _chained:
        _chain(cfg)
    span = wsgi.begin(made[1])
    if span is not None:
        made[0].tracing_span = span


def _chain(cfg: Any) -> None:
    """Put our end of a request behind the service's own post_request hook."""
    global _chained
    theirs = cfg.post_request
    if not is_replaced(theirs):

        def post_request(worker: Any, req: Any, environ: Any, resp: Any) -> None:
            try:
                theirs(worker, req, environ, resp)
            finally:
                _end(resp)

        post_request.__tracing_bootstrap__ = True  # type: ignore[attr-defined]
        cfg.set("post_request", post_request)
    _chained = cfg


@guard.guarded("a gunicorn request's span could not be ended")
def _end(resp: Any) -> None:
    span = resp.__dict__.pop(_SPAN, None) if resp is not None else None
    if span is None:
        return
    exc = sys.exc_info()[1]
    if exc is None:
        wsgi.end(span, resp.status, resp.sent, None)
        return
    if isinstance(exc, StopIteration) and exc.__context__ is not None:
        # Once the headers are out a worker logs what was raised and leaves by StopIteration.
        exc = exc.__context__
    if resp.headers_sent:
        wsgi.end(span, resp.status, resp.sent, exc)
    else:
        # Nothing was sent yet: the worker answers 500 itself.
        wsgi.end(span, "500 Internal Server Error", None, exc)


def patch_glogging(module: Any) -> None:
    """Offer `%(trace_id)s` and `%(span_id)s` to access log formats (gunicorn.glogging)."""
    from tracing_bootstrap.recorder.context import current_span

    def make(original: Callable[..., Any]) -> Callable[..., Any]:
        def atoms(self: Any, *args: Any, **kwargs: Any) -> Any:
            found = original(self, *args, **kwargs)
            span = current_span()
            if span is not None:
                found["trace_id"] = span.trace_id
                found["span_id"] = span.span_id
            return found

        return atoms

    replace(module.Logger, "atoms", make)
