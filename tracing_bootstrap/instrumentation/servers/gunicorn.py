"""gunicorn's WSGI workers: sync, gthread, and all that make their environ with gunicorn.http.wsgi.create.

`create` is called right before the application, and the hook `post_request` right after the access log, in a
`finally`, in every worker class since gunicorn 19. So one function and one hook cover them all, custom worker
classes and custom applications included.
"""

from __future__ import annotations

from sys import exc_info

from tracing_bootstrap import guard
from tracing_bootstrap.guard import Failure, report
from tracing_bootstrap.instrumentation import wsgi
from tracing_bootstrap.instrumentation.patching import after, is_replaced, mark, replace
from tracing_bootstrap.recorder.clock import now
from tracing_bootstrap.recorder.context import current_span

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from tracing_bootstrap.instrumentation.server_span import ServerSpan

_END = "a gunicorn request's span could not be ended"

set_current = wsgi.set_current

# The workers' configuration whose post_request is ours: one per process, and one more for each reload.
_chained: Any = None


def patch_wsgi(module: Any) -> None:
    """Begin a span when gunicorn has made a request's environ (gunicorn.http.wsgi)."""
    replace(module, "create", _creating)


def _creating(original: Callable[..., tuple[Any, dict[str, Any]]]) -> Callable[..., Any]:
    begin = wsgi.begin

    def create(*args: Any, **kwargs: Any) -> tuple[Any, dict[str, Any]]:
        made = original(*args, **kwargs)
        try:
            response = made[0]
            if response.cfg is not _chained:
                _chain(response.cfg)
            response.tracing_span = begin(made[1])
        except Failure as exc:
            report("a gunicorn request could not be traced", exc)
        return made

    return create


def _chain(cfg: Any) -> None:
    """Put our end of a request behind the service's own post_request hook."""
    global _chained
    setting = cfg.settings["post_request"]
    theirs = setting.get()
    if not is_replaced(theirs):
        # gunicorn's default does nothing: there is nothing to call then.
        default = getattr(theirs, "__module__", "") == "gunicorn.config"
        # Not by cfg.set, which wants to see a hook's four parameters by name.
        setting.value = mark(_end if default else guard.finally_(_END, _end, theirs))
    _chained = cfg


def _end(_worker: Any, req: Any, _environ: Any, resp: Any) -> None:
    try:
        span = getattr(resp, "tracing_span", None)
        if span is None:
            return
        set_current(None)
        on_end = span.on_end
        if on_end is None:
            return
        exc = exc_info()[1]
        if exc.__class__ is StopIteration:
            # How the workers leave a connection: after an answer that closes it, or, once the headers are out, for
            # an exception that they have logged.
            exc = exc.__context__
        if exc is not None:
            _end_failed(span, resp, exc)
            return
        size = resp.sent
        if not size and resp.response_length and req.method != "HEAD":
            # What sendfile sent is not counted.
            size = resp.response_length
        span.status_line = resp.status
        span.body_size = size
        # Span.end, without a call.
        span.on_end = None
        if span.api_context is not None:
            span.api_context = None
        span.end_ns = now()
        on_end(span)
    except Failure as error:
        report(_END, error)


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
