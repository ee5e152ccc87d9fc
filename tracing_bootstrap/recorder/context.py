"""Request-local storage: which span is current here.

Values are set back by value and never by token: a token may only be used in the context that made it, and a
streamed response often ends in another (opentelemetry-python#2606).
"""

from __future__ import annotations

from _contextvars import ContextVar

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tracing_bootstrap.recorder.span import Frame, Span

#: The span, or the frame around a span, that new spans become children of.
current: ContextVar[Span | Frame | None] = ContextVar("tracing_current", default=None)


def current_span() -> Span | None:
    """Return the current span, whether it is recorded or only carried on."""
    value = current.get()
    return None if value is None else value.span
