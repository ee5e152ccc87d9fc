"""uWSGI: a server in C that embeds Python, calls the application from C, and has no Python of its own to hook.

What it takes the application from is a name in a module, looked up in C when the module has run. So that name is
given our callable, until the first request, and then the application again; uWSGI goes on calling ours. This is the
one server where a frame of ours stands in the tracebacks of what an application raises: nothing else that is called
for each request sees the environ. The request ends in the hook that uWSGI calls when the answer is out.

Without `--enable-threads` no thread but uWSGI's own runs between requests. The spans then leave while Python code
runs, at most once a second at a request's end, and when the worker ends.
"""

from __future__ import annotations

import os
import sys
from time import monotonic

from tracing_bootstrap import guard
from tracing_bootstrap.instrumentation import http_attributes, wsgi
from tracing_bootstrap.instrumentation.patching import after
from tracing_bootstrap.instrumentation.server_span import ServerSpan
from tracing_bootstrap.instrumentation.servers import uwsgi_loading
from tracing_bootstrap.recorder import tracer
from tracing_bootstrap.recorder.context import current_span

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

_CAUSE = "a uWSGI request could not be traced"

#: With threads or without: after how long the end of a request has the spans sent, and how long it waits for that.
#: A worker that is at work when it is stopped runs no exit handler, and what waits is lost.
_PACE = {True: (0.1, 0.0), False: (1.0, 0.1)}

_has_threads = True
_is_threaded = False
_printed: BaseException | None = None
_sent_at = 0.0


def patch(_module: Any) -> None:
    """Prepare for uWSGI where it is the program that Python is embedded in (see bootstrap)."""
    if os.path.basename(os.readlink("/proc/self/exe")).startswith("uwsgi"):
        _prepare()


def patch_pyuwsgi(_module: Any) -> None:
    """Do the same where uWSGI is a module of Python's and takes its process over (pyuwsgi)."""
    _prepare()


def _prepare() -> None:
    """Make the module `uwsgi` before uWSGI fills it, with our hooks in it; wait for the application.

    uWSGI takes its module from `sys.modules` where it is there already, and reads the hook for a request's end when
    it has loaded its first applications: one that is mounted comes too late for that.
    """
    if "uwsgi" in sys.modules:
        return
    module = sys.modules["uwsgi"] = type(sys)("uwsgi")
    for name, hook in _HOOKS.items():
        setattr(module, name, hook)
    uwsgi_loading.wait_for(trace)


def trace(values: dict[str, Any], name: str) -> None:
    """Put our callable in the place of the application `name` of a module that has just run."""
    global _has_threads, _is_threaded
    application = values.get(name)
    if not callable(application) or isinstance(application, Application):
        return
    values[name] = Application(application, values, name)
    uwsgi: Any = sys.modules["uwsgi"]
    _has_threads = any(option in uwsgi.opt for option in ("enable-threads", "threads"))
    _is_threaded = "threads" in uwsgi.opt
    for attribute, hook in _HOOKS.items():
        theirs = getattr(uwsgi, attribute, None)
        if theirs is not hook and callable(theirs):
            # The service has set its own; it is called first.
            after(uwsgi, attribute, "a uWSGI hook failed", lambda _result, hook=hook: hook())


class Application:
    """What uWSGI calls; to everything else that may see it before the first request it is the application."""

    def __init__(self, application: Callable[..., Any], values: dict[str, Any], name: str) -> None:
        self.__dict__["tracing"] = (application, values, name)

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Any:
        """Call the application, in a span."""
        application, values, name = self.__dict__["tracing"]
        if values is not None:
            if values.get(name) is self:
                values[name] = application
            self.__dict__["tracing"] = (application, None, name)
        span = guard.call(_CAUSE, wsgi.begin, environ)
        if span is None:
            return application(environ, start_response)

        def start(status: str, headers: Any, *exc_info: Any) -> Any:
            span.status_line = status
            guard.call(_CAUSE, _size, span, headers)
            return start_response(status, headers, *exc_info)

        try:
            return application(environ, start)
        except BaseException as exc:
            # uWSGI writes the traceback and closes the connection, or answers 500 where it is told to.
            guard.call(_CAUSE, wsgi.end, span, span.status_line, None, exc)
            raise

    def __getattr__(self, name: str) -> Any:
        return getattr(self.__dict__["tracing"][0], name)

    def __setattr__(self, name: str, value: Any) -> None:
        setattr(self.__dict__["tracing"][0], name, value)

    @property  # type: ignore[misc]
    def __class__(self) -> Any:
        return self.__dict__["tracing"][0].__class__


def _size(span: ServerSpan, headers: Any) -> None:
    for name, value in headers:
        if name.lower() == "content-length":
            span.body_size = http_attributes.size(value)


def _end() -> None:
    global _sent_at
    span = current_span()
    span = span if isinstance(span, ServerSpan) or span is None else span.entry
    if isinstance(span, ServerSpan):
        wsgi.end(span, None, None, _raised_late())
    every, patience = _PACE[_has_threads]
    if monotonic() - _sent_at > every:
        _sent_at = monotonic()
        tracer.flush(patience)


def _raised_late() -> BaseException | None:
    """Return what ended the answer's iteration: uWSGI prints it, which leaves it in `sys`, and goes on."""
    global _printed
    if _is_threaded:
        # It might be another request's.
        return None
    printed = getattr(sys, "last_value", None)
    if printed is _printed:
        return None
    _printed = printed
    return printed


_HOOKS: dict[str, Callable[..., None]] = {
    "after_req_hook": guard.instead("a uWSGI request's span could not be ended", _end),
    "atexit": guard.instead("a uWSGI worker's last spans could not be sent", tracer.shutdown),
}
