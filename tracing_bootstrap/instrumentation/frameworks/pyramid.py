"""Pyramid: the route's pattern (URL dispatch), and the exceptions that an exception view answers."""

from __future__ import annotations

from tracing_bootstrap.instrumentation.patching import after
from tracing_bootstrap.instrumentation.server_span import name_route, record_failure

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_SERVER_ERROR = 500


def patch_urldispatch(module: Any) -> None:
    """Read the route that the mapper found (pyramid.urldispatch); traversal alone has none."""
    after(module.RoutesMapper, "__call__", "a Pyramid route could not be read", _route)


def _route(found: dict[str, Any], _mapper: Any, request: Any) -> None:
    route = found["route"]
    if route is not None:
        # Written with a slash in front or without one: it means the same.
        name_route(f"/{route.pattern.lstrip('/')}", request.environ.get("SCRIPT_NAME"))


def patch_tweens(module: Any) -> None:
    """Record the exception for which a view rendered an error of the server (pyramid.tweens)."""
    after(module, "_error_handler", "a Pyramid exception could not be recorded", _answered)


def _answered(response: Any, _request: Any, exc: BaseException) -> None:
    # WebOb's exceptions are answers that were raised: `raise HTTPServiceUnavailable()` is no failure of the code.
    if response.status_code >= _SERVER_ERROR and not hasattr(exc, "headerlist"):
        record_failure(exc)
