"""Flask: the route's template, and the exceptions that Flask answers itself."""

from __future__ import annotations

from tracing_bootstrap.guard import Failure, report
from tracing_bootstrap.instrumentation.patching import before, replace
from tracing_bootstrap.instrumentation.server_span import CarriedSpan, ServerSpan, request_span
from tracing_bootstrap.recorder.context import current

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any


def patch_ctx(module: Any) -> None:
    """Read the route right after Flask matched the request (flask.ctx).

    The method is RequestContext's up to Flask 3.1, and AppContext's after it.
    """
    owner = next(
        cls
        for cls in (getattr(module, "RequestContext", None), module.AppContext)
        if cls is not None and "match_request" in vars(cls)
    )
    replace(owner, "match_request", _matching)


def _matching(original: Callable[[Any], None]) -> Callable[[Any], None]:
    get = current.get

    def match_request(self: Any) -> None:
        original(self)
        try:
            span: Any = get()
            if span.__class__ is CarriedSpan:
                return
            if span.__class__ is not ServerSpan:
                # A span of the service's own, made in a middleware around the application.
                span = request_span()
            if span is None or span.on_end is None:
                return
            request = self.request
            rule = request.url_rule
            if rule is not None:
                # Where the application is mounted (PEP 3333); http.route contains it.
                root = request.environ.get("SCRIPT_NAME")
                span.route = root.rstrip("/") + rule.rule if root else rule.rule
        except Failure as exc:
            report("a Flask route could not be read", exc)

    return match_request


def patch_app(module: Any) -> None:
    """Record the exception that Flask logs and answers with 500 (flask.app)."""
    before(module.Flask, "log_exception", "a Flask exception could not be recorded", _failed)


def _failed(*args: Any) -> None:
    span = request_span()
    exc_info = args[-1]
    if span is not None and isinstance(exc_info, tuple) and exc_info[1] is not None:
        span.fail(exc_info[1])
