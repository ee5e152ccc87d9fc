"""gunicorn's own ASGI worker (gunicorn 25 and later)."""

from __future__ import annotations

from tracing_bootstrap.instrumentation.asgi import traced
from tracing_bootstrap.instrumentation.patching import after

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def patch_gasgi(module: Any) -> None:
    """Put the traced application in the place of the one that the worker holds (gunicorn.workers.gasgi)."""
    after(module.ASGIWorker, "load_wsgi", "gunicorn's ASGI application could not be traced", _trace)


def _trace(_result: None, worker: Any) -> None:
    worker.asgi = traced(worker.asgi)
