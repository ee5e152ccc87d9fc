"""Starlette, and FastAPI which is built on it: the route's template."""

from __future__ import annotations

from tracing_bootstrap.instrumentation.asgi_span import asgi_span
from tracing_bootstrap.instrumentation.patching import before

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_CAUSE = "a Starlette route could not be read"


def patch_routing(module: Any) -> None:
    """Read a route where the router hands a request over to it (starlette.routing)."""
    before(module.Route, "handle", _CAUSE, _route)
    before(module.WebSocketRoute, "handle", _CAUSE, _route)
    before(module.Mount, "handle", _CAUSE, _mount)


def _route(route: Any, *_message: Any) -> None:
    span = asgi_span()
    if span is not None:
        span.route = span.mounted + route.path_format


def _mount(mount: Any, *_message: Any) -> None:
    span = asgi_span()
    if span is not None:
        span.mounted += mount.path
        # Until a route below it is found. What is mounted may have none: static files, another framework.
        span.route = span.mounted + "/{path}"


def patch_fastapi(module: Any) -> None:
    """Read the route of an included router, which only knows its own part of the path (fastapi.routing).

    Up to 0.1xx a router's routes are copied when it is included, and Starlette's patch sees them whole.
    """
    if hasattr(module, "_get_scope_effective_route_context"):
        find = module._get_scope_effective_route_context
        before(
            module.APIRoute,
            "handle",
            "a FastAPI route could not be read",
            lambda *args: _included(find, *args),
        )


def _included(find: Any, route: Any, scope: Any, *_message: Any) -> None:
    context = find(scope)
    if context is not None and context.original_route is route:
        _route(context)
