"""hypercorn: ASGI and WSGI applications, HTTP/1 and HTTP/2, asyncio, uvloop and trio workers."""

from __future__ import annotations

from tracing_bootstrap.instrumentation.asgi import Traced, traced
from tracing_bootstrap.instrumentation.patching import after, replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any


def patch_app_wrappers(module: Any) -> None:
    """Put the traced application in the place of the one that a wrapper holds (hypercorn.app_wrappers)."""
    after(module.ASGIWrapper, "__init__", "hypercorn's application could not be traced", _trace)

    def make(original: Callable[..., Any]) -> Callable[..., Any]:
        def __call__(self: Any, scope: Any, receive: Any, send: Any, *spawn: Any) -> Any:  # noqa: N807
            # hypercorn's wrapper is itself what turns the messages into a WSGI call.
            return Traced(lambda *messages: original(self, *messages, *spawn))(scope, receive, send)

        return __call__

    replace(module.WSGIWrapper, "__call__", make)


def _trace(_result: None, wrapper: Any, *_args: Any) -> None:
    wrapper.app = traced(wrapper.app)
