"""Litestar: the route's template."""

from __future__ import annotations

from tracing_bootstrap.instrumentation.patching import before
from tracing_bootstrap.instrumentation.server_span import name_route

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_CAUSE = "a Litestar route could not be read"


def patch_http(module: Any) -> None:
    """Read a route where the router hands a request over to it (litestar.routes.http)."""
    before(module.HTTPRoute, "handle", _CAUSE, _route)


def patch_websocket(module: Any) -> None:
    """Do the same for a WebSocket (litestar.routes.websocket)."""
    before(module.WebSocketRoute, "handle", _CAUSE, _route)


def patch_asgi(module: Any) -> None:
    """Do the same for a mounted ASGI application (litestar.routes.asgi)."""
    before(module.ASGIRoute, "handle", _CAUSE, _route)


def _route(route: Any, scope: Any, *_message: Any) -> None:
    name_route(route.path_format, scope.get("root_path"))
