"""Django, under WSGI and ASGI: the route's template, and the exceptions that Django answers itself."""

from __future__ import annotations

from tracing_bootstrap.instrumentation.patching import after, before
from tracing_bootstrap.instrumentation.server_span import name_route, record_failure

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def patch_base(module: Any) -> None:
    """Read the route right after the resolver found it; both handlers call it (django.core.handlers.base)."""
    after(module.BaseHandler, "resolve_request", "a Django route could not be read", _route)


def _route(match: Any, _handler: Any, request: Any) -> None:
    route = match.route
    if route is not None:
        # Django's patterns have no slash in front: the resolver of the whole site takes it off.
        name_route(f"/{route}", request.META.get("SCRIPT_NAME"))


def patch_exception(module: Any) -> None:
    """Record what ends in a 500 (django.core.handlers.exception)."""
    cause = "a Django exception could not be recorded"
    before(module, "handle_uncaught_exception", cause, _failed)


def _failed(_request: Any, _resolver: Any, exc_info: Any) -> None:
    record_failure(exc_info[1])
