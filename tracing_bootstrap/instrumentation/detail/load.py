"""Loads one library's contrib instrumentation, or says why not; what fails for one costs no other."""

from __future__ import annotations

import sys

from tracing_bootstrap import settings
from tracing_bootstrap.instrumentation.detail import fits, isolation
from tracing_bootstrap.recorder import batch

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

LOADED = "loaded"

#: By library: LOADED, or why not. A library that is not in here was not used.
states: dict[str, str] = {}

_lock: Any = None
_list: dict[str, fits.Instrumentation] | None = None
_prepared = False


def lock() -> Any:
    """Return the lock under which a library's detail is loaded: a second thread waits for what the first does."""
    global _lock
    if _lock is None:
        # Made at the first use, when gevent has patched what it patches. Re-entrant: greenlets share a thread.
        import _thread

        _lock = _thread.RLock()
    return _lock


def known() -> dict[str, fits.Instrumentation]:
    """Return what the image has, by library."""
    global _list
    if _list is None:
        _list = fits.read()
    return _list


def obstacle(library: str) -> str:
    """Say what keeps a library from having detail; empty where nothing does."""
    instrumentation = known().get(library)
    if instrumentation is None:
        return "the image has no instrumentation for it"
    disabled = settings.current().disabled_instrumentations
    if library in disabled or "*" in disabled:
        return "OTEL_PYTHON_DISABLED_INSTRUMENTATIONS names it"
    if instrumentation.module in sys.modules:
        return "the service instruments it itself"
    return fits.misfit(instrumentation.ranges)


def load(library: str) -> None:
    """Load it, once; `states` then says what became of it. What the contrib package raises goes to the caller."""
    if library in states:
        return
    states[library] = "it could not be loaded"
    reason = obstacle(library)
    if reason:
        states[library] = reason
        batch.notes[f"{batch.SCOPE}.detail.{library}"] = reason
        return
    instrumentation = known()[library]
    prepare()
    module = isolation.load(instrumentation.module)
    if library == "sqlite3":
        from tracing_bootstrap.instrumentation.detail import sqlite3

        sqlite3.instrument(module)
    else:
        getattr(module, instrumentation.attribute)().instrument()
    from tracing_bootstrap.instrumentation.detail import shield

    shield.put()
    states[library] = LOADED


def prepare() -> None:
    """Make the layer's API act on our spans, and leave out what nobody here needs, before any of it is loaded."""
    global _prepared
    if _prepared:
        return
    _prepared = True
    from tracing_bootstrap.instrumentation.detail import stand_ins

    stand_ins.put()
    from tracing_bootstrap.instrumentation.detail import spans

    spans.connect()
