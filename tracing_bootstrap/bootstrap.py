"""Arms the runtime at interpreter start: one import finder that patches a library when it is imported.

Arming must cost next to nothing and must import nothing that gevent or eventlet would patch later. Opening, in the
process that does the work, is `recorder.tracer`'s.
"""

from __future__ import annotations

import os
import sys
from _frozen_importlib_external import PathFinder

from tracing_bootstrap import guard
from tracing_bootstrap.instrumentation.table import PACKAGE, ROWS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from importlib.machinery import ModuleSpec
    from types import ModuleType
    from typing import Any

#: Which legs called `arm`, in order; the first one armed.
legs: list[str] = []

#: By module name: "patched", or why not. A module that is not in here was not imported.
states: dict[str, str] = {}


def arm(leg: str) -> None:
    """Put our finders in place, once; patch what was imported before us."""
    legs.append(leg)
    if len(legs) == 1:
        guard.call("tracing could not be armed", _arm)


def _arm() -> None:
    rows = {module: (ours, function) for module, ours, function, _ in ROWS}
    sys.meta_path.insert(0, Finder(rows))  # type: ignore[arg-type]
    api = _api_path()
    if api is not None:
        sys.meta_path.append(ApiFinder(api))  # type: ignore[arg-type]
    for name in rows:
        module = sys.modules.get(name)
        if module is not None:
            _patch(module, rows[name])


class Finder:
    """Finds what the other finders find, and has a module of the table patched once it is loaded."""

    def __init__(self, rows: dict[str, tuple[str, str]]) -> None:
        self._rows = rows

    def find_spec(self, name: str, path: Sequence[str] | None = None, target: Any = None) -> ModuleSpec | None:
        """Return the module's own spec with a loader around its own, or None for every other module."""
        row = self._rows.get(name)
        if row is None:
            return None
        for finder in sys.meta_path:
            if finder is self:  # type: ignore[comparison-overlap]
                continue
            find = getattr(finder, "find_spec", None)
            spec: ModuleSpec | None = find(name, path, target) if find is not None else None
            if spec is not None:
                if hasattr(spec.loader, "exec_module"):
                    spec.loader = PatchingLoader(spec.loader, row)  # type: ignore[assignment]
                return spec
        return None


class PatchingLoader:
    """Loads with the module's own loader, puts that back in its place, and patches."""

    def __init__(self, loader: Any, row: tuple[str, str]) -> None:
        self._loader = loader
        self._row = row

    def __getattr__(self, name: str) -> Any:
        return getattr(self._loader, name)

    def exec_module(self, module: ModuleType) -> None:
        """Execute the module as it would have been; what it raises is the service's to see."""
        loader = self._loader
        module.__loader__ = loader
        if module.__spec__ is not None:
            module.__spec__.loader = loader
        loader.exec_module(module)
        _patch(module, self._row)


def _patch(module: ModuleType, row: tuple[str, str]) -> None:
    name = module.__name__
    states[name] = "failed"
    if guard.call(f"{name} could not be traced", _apply, module, row):
        states[name] = "patched"
    else:
        states[name] = guard.last() or "failed"


def _apply(module: ModuleType, row: tuple[str, str]) -> bool:
    ours, function = row
    name = PACKAGE + ours
    __import__(name)
    getattr(sys.modules[name], function)(module)
    return True


def _api_path() -> str | None:
    """Where the image keeps its own opentelemetry-api: beside the package."""
    package = os.path.dirname(os.path.realpath(__file__))
    path = os.path.join(os.path.dirname(package), "api")
    return path if os.path.isdir(path) else None


class ApiFinder:
    """Finds `opentelemetry` in the image where the service has none of its own; the last finder of all.

    A service that has its own API, of any version, gets every module from there: never a mixture of two. A
    service that installed other parts of the namespace (opentelemetry-proto, say) still gets the API from here.
    """

    def __init__(self, path: str) -> None:
        self._path = path

    def find_spec(self, name: str, path: Sequence[str] | None = None, target: Any = None) -> ModuleSpec | None:  # noqa: ARG002
        """Return the spec of a module of the image's API, or None."""
        if not name.startswith("opentelemetry"):
            return None
        top, _, rest = name.partition(".")
        if top != "opentelemetry":
            return None
        if not rest:
            return PathFinder.find_spec(name, [self._path])
        if path is not None and PathFinder.find_spec("opentelemetry.trace", list(path)) is not None:
            return None
        return PathFinder.find_spec(name, [os.path.join(self._path, *name.split(".")[:-1])])
