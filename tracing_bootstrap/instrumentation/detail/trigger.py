"""Loads a library's detail when the library is first used, not when it is imported.

Many services import a library that they never use (Flask imports jinja2), and a layer of packages costs tens of
milliseconds. So the import only puts a small function before the library's own, which is gone after its first call.
"""

from __future__ import annotations

from tracing_bootstrap import guard
from tracing_bootstrap.instrumentation.patching import mark
from tracing_bootstrap.instrumentation.table import DETAIL

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

#: By library: what puts each of its functions back.
_placed: dict[str, list[Callable[[], None]]] = {}

#: Libraries whose detail was asked for, whatever came of it.
_used: set[str] = set()


def place(module: Any) -> None:
    """Have the first call of any of the library's functions in DETAIL load its detail."""
    library, paths = DETAIL[module.__name__]
    if library in _used:
        return
    for path in paths:
        guard.call(f"the detail of {library} could not be prepared", _place, library, module, path)


def _place(library: str, module: Any, path: str) -> None:
    owner = module
    *parents, name = path.split(".")
    for parent in parents:
        owner = getattr(owner, parent)
    original = vars(owner)[name]
    bound = isinstance(original, classmethod)
    call = original.__func__ if bound else original

    is_back = False

    def function(*args: Any, **kwargs: Any) -> Any:
        if not is_back and vars(owner).get(name) is replacement:
            guard.call(f"the detail of {library} could not be loaded", _load, library)
        if not is_back:
            # Somebody put a wrapper of theirs before us: what stands there now would call us once more.
            return call(*args, **kwargs)
        # The first call, or one by who kept a reference to this function (`from library import connect`).
        return getattr(args[0], name)(*args[1:], **kwargs) if bound else getattr(owner, name)(*args, **kwargs)

    for attribute in ("__name__", "__qualname__", "__module__", "__doc__", "__wrapped__"):
        if hasattr(call, attribute):
            setattr(function, attribute, getattr(call, attribute))
    replacement: Any = classmethod(mark(function)) if bound else mark(function)

    def put_back() -> None:
        nonlocal is_back
        if vars(owner).get(name) is replacement:
            setattr(owner, name, original)
            is_back = True

    _placed.setdefault(library, []).append(put_back)
    setattr(owner, name, replacement)


def _load(library: str) -> None:
    # Not before: with it come the settings and the encoder, which an import need not wait for.
    from tracing_bootstrap.instrumentation.detail import load

    with load.lock():
        for put_back in _placed.pop(library, ()):
            put_back()
        _used.add(library)
        load.load(library)
