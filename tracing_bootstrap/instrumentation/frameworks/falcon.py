"""Falcon, under WSGI and ASGI: the route's template, and the exceptions that Falcon answers itself."""

from __future__ import annotations

from tracing_bootstrap.instrumentation.patching import after, around_async, before
from tracing_bootstrap.instrumentation.server_span import name_route, record_failure

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_CAUSE = "a Falcon exception could not be recorded"
_TEMPLATE = 3


def patch_app(module: Any) -> None:
    """Read the route where the app finds its responder (falcon.app); the ASGI app inherits that."""
    after(module.App, "_get_responder", "a Falcon route could not be read", _route)
    before(module.App, "_python_error_handler", _CAUSE, _failed)


def patch_asgi_app(module: Any) -> None:
    """Record what the ASGI app answers with 500; it has an error handler of its own (falcon.asgi.app).

    Falcon takes only coroutine functions for handlers, so ours is one too.
    """
    around_async(module.App, "_python_error_handler", _CAUSE, _failed, _done)


def _route(found: tuple[Any, ...], _app: Any, request: Any) -> None:
    # A responder, its parameters, the resource and the template; None where there is no such route.
    template = found[_TEMPLATE]
    if template is not None:
        name_route(template, request.root_path)


def _failed(_app: Any, _request: Any, _response: Any, error: Any, *_params: Any) -> None:
    record_failure(error)


def _done(_entered: Any, _result: Any, _exc: BaseException | None) -> None:
    """Nothing is left to do: the exception was recorded before its handler ran."""
