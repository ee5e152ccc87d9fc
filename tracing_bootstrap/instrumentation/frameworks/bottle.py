"""Bottle: the route's rule, and the exceptions that Bottle answers itself."""

from __future__ import annotations

from tracing_bootstrap.instrumentation.patching import after, before
from tracing_bootstrap.instrumentation.server_span import name_route, record_failure

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def patch(module: Any) -> None:
    """Read the rule that the router found, and the exception that an error page stands for (bottle)."""
    after(module.Router, "match", "a Bottle route could not be read", _route)
    before(module.HTTPError, "__init__", "a Bottle exception could not be recorded", _failed)


def _route(found: tuple[Any, Any], _router: Any, environ: dict[str, Any]) -> None:
    # Of a mounted application the mount's own rule comes first, and the inner one, with the root, after it.
    name_route(found[0].rule, environ.get("SCRIPT_NAME"))


def _failed(_error: Any, _status: Any = None, _body: Any = None, exception: Any = None, *_rest: Any) -> None:
    if exception is not None:
        record_failure(exception)
