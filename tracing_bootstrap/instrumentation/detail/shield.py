"""Guards the parts of contrib's code that look at a statement: what they cannot read must reach the database."""

from __future__ import annotations

import sys

from tracing_bootstrap import guard
from tracing_bootstrap.instrumentation.detail import isolation
from tracing_bootstrap.instrumentation.patching import is_replaced, replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any

_CAUSE = "a statement could not be read"
_METHODS = ("_populate_span", "get_operation_name", "get_statement")


def put() -> None:
    """Do so in all tracers of cursors that were loaded so far."""
    dbapi = sys.modules.get(f"{isolation.PREFIX}opentelemetry.instrumentation.dbapi")
    if dbapi is None:
        return
    for tracer in _all(dbapi.CursorTracer):
        for name in _METHODS:
            if name in vars(tracer) and not is_replaced(vars(tracer)[name]):
                replace(tracer, name, _guarded)


def _all(cls: Any) -> Iterator[Any]:
    yield cls
    for below in cls.__subclasses__():
        yield from _all(below)


def _guarded(original: Callable[..., Any]) -> Callable[..., Any]:
    def function(*args: Any, **kwargs: Any) -> Any:
        found = guard.call(_CAUSE, original, *args, **kwargs)
        return "" if found is None else found

    return function
