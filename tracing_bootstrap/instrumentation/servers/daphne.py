"""daphne, the server of Django's channels."""

from __future__ import annotations

from tracing_bootstrap.instrumentation.asgi import traced
from tracing_bootstrap.instrumentation.patching import after

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def patch_server(module: Any) -> None:
    """Put the traced application in the place of the one that the server holds (daphne.server)."""
    after(module.Server, "__init__", "daphne's application could not be traced", _trace)


def _trace(_result: None, server: Any, *_args: Any) -> None:
    server.application = traced(server.application)
