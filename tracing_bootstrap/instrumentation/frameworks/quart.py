"""Quart: the route's template, and the exceptions that Quart answers itself."""

from __future__ import annotations

from tracing_bootstrap.instrumentation.patching import after, before
from tracing_bootstrap.instrumentation.server_span import name_route, record_failure

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def patch_ctx(module: Any) -> None:
    """Read the route right after Quart matched a request or a WebSocket (quart.ctx).

    The method is AppContext's since Quart 0.23, and a class's below the request's and the WebSocket's before.
    """
    older = getattr(module, "_BaseRequestWebsocketContext", None)
    after(older or module.AppContext, "match_request", "a Quart route could not be read", _route)


def _route(_result: None, context: Any) -> None:
    matched = getattr(context, "request_websocket", None) or context._request_websocket
    if matched.url_rule is not None:
        name_route(matched.url_rule.rule, matched.root_path)


def patch_app(module: Any) -> None:
    """Record the exception that Quart logs and answers with 500 (quart.app)."""
    before(module.Quart, "log_exception", "a Quart exception could not be recorded", _failed)


def _failed(*args: Any) -> None:
    record_failure(args[-1][1])
