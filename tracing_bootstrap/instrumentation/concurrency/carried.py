"""Work on its way to another process, and the context in which it was handed in.

The context travels with the work and not with the process, which works for many. Nothing of ours is called when
it runs there: unpickled, this is the function itself, and the context is set on the way, by the thread that fetches
the work and will do it.
"""

from __future__ import annotations

import sys

from tracing_bootstrap import guard
from tracing_bootstrap.recorder import tracer
from tracing_bootstrap.recorder.context import current

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from tracing_bootstrap.recorder.span import Frame, Span

_HEADERS = ("traceparent", "tracestate", "baggage")


class Carried:
    """A function, and the context to call it in."""

    __slots__ = ("context", "function")

    def __init__(self, function: Any) -> None:
        self.function = function
        self.context: Span | Frame | None = current.get()

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Call the function where it is: for pools that do not pickle their work."""
        return self.function(*args, **kwargs)

    def __reduce__(self) -> Any:
        spawn = sys.modules.get("multiprocessing.spawn")
        if spawn is not None and spawn.get_executable() not in {sys.executable, sys.executable.encode()}:
            # Another Python, that we may not be in: it gets what it would have got without us.
            from functools import partial

            return partial, (self.function,)
        return take_up, (self.function, headers_of(self.context))


def headers_of(value: Span | Frame | None) -> tuple[str | None, ...] | None:
    """Return what carries a context into another process: traceparent, tracestate, baggage; None for no context."""
    span = None if value is None else value.span
    if value is None or span is None:
        return None
    headers = dict(tracer.headers(span, written=()))
    if value.baggage and tracer.carries_baggage:
        headers["baggage"] = value.baggage
    return tuple(map(headers.get, _HEADERS))


def take_up(function: Any, carried: tuple[str | None, ...] | None) -> Any:
    """Set the context that work came with, none if it came without, and return the function."""
    guard.call("a pool's work could not be done in its own context", set_from, carried)
    return function


def set_from(carried: tuple[str | None, ...] | None) -> None:
    """Make what another process's `headers_of` returned the current context of this thread."""
    current.set(None if carried is None else tracer.carried_on(*carried))
