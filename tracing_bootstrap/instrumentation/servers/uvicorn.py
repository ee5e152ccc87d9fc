"""uvicorn: one process, its own workers, the reloader's child, and gunicorn's uvicorn workers.

All of its protocols (h11, httptools, and the WebSocket ones) call the application that `Config.load` left.
"""

from __future__ import annotations

import signal

from tracing_bootstrap import guard
from tracing_bootstrap.instrumentation.asgi import traced
from tracing_bootstrap.instrumentation.patching import after, replace
from tracing_bootstrap.recorder import tracer

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType
    from typing import Any


def patch_config(module: Any) -> None:
    """Put the traced application in the loaded one's place (uvicorn.config)."""
    after(module.Config, "load", "uvicorn's application could not be traced", _trace)


def _trace(_result: None, config: Any) -> None:
    config.loaded_app = traced(config.loaded_app)


def patch_flow_control(module: Any) -> None:
    """Trace what answers 503 above `limit_concurrency` (uvicorn.protocols.http.flow_control)."""
    module.service_unavailable = traced(module.service_unavailable)


def patch_server(module: Any) -> None:
    """Send the last spans before uvicorn dies of the signal that it stopped for (uvicorn.server).

    Since 0.29 it raises the signal again when it has stopped, with the handler back in place that was there before:
    for SIGTERM that is the default, and no exit handler runs. Earlier ones return.
    """
    if not hasattr(module.Server, "capture_signals"):
        return

    def make(original: Callable[..., Any]) -> Callable[..., Any]:
        def capture_signals(*args: Any) -> Any:
            return Leaving(original(*args), args[0])

        return capture_signals

    replace(module.Server, "capture_signals", make)


class Leaving:
    """uvicorn's context manager of that name, and before its end the end of our own."""

    def __init__(self, original: Any, server: Any) -> None:
        self._original = original
        self._server = server
        self._deadly: list[int] = []

    def __enter__(self) -> Any:
        self._deadly = [
            number
            for number in (signal.SIGTERM, signal.SIGINT, signal.SIGQUIT)
            if signal.getsignal(number) is signal.SIG_DFL
        ]
        return self._original.__enter__()

    def __exit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> Any:
        if not set(self._deadly).isdisjoint(getattr(self._server, "_captured_signals", ())):
            guard.call("uvicorn's last spans could not be sent", tracer.shutdown)
        return self._original.__exit__(kind, exc, traceback)
