"""What other tracers send to their own backends: no request of the service's, and no trace of ours.

OpenTelemetry's exporters say so themselves (opentelemetry_context); these do not.
"""

from __future__ import annotations

from tracing_bootstrap.instrumentation.patching import around, around_async
from tracing_bootstrap.recorder.context import current
from tracing_bootstrap.recorder.span import Frame

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_CAUSE = "the exports of sentry-sdk could not be left out"
_COROUTINE = 0x80  # inspect.CO_COROUTINE


def patch_sentry(module: Any) -> None:
    """Record nothing while an envelope is sent (sentry_sdk.transport)."""
    for owner in vars(module).values():
        function = vars(owner).get("_send_request") if isinstance(owner, type) else None
        code = getattr(function, "__code__", None)
        if code is not None:
            wrap = around_async if code.co_flags & _COROUTINE else around
            wrap(owner, "_send_request", _CAUSE, _silence, _restore)


def _silence(*_args: Any) -> tuple[Any]:
    before = current.get()
    frame = Frame(None, "", None)
    frame.silent = True
    current.set(frame)
    return (before,)


def _restore(before: tuple[Any], _result: Any, _exc: BaseException | None) -> None:
    current.set(before[0])
