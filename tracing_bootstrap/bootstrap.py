"""Arms the runtime at interpreter start: one import finder that patches a library when it is imported.

Arming must cost next to nothing and must import nothing that gevent or eventlet would patch later. Opening, in the
process that does the work, is `recorder.tracer`'s.
"""

from __future__ import annotations

import os
import sys
from _frozen_importlib_external import PathFinder

import tracing_bootstrap
from tracing_bootstrap import guard
from tracing_bootstrap.instrumentation.table import EMBEDDER, ROWS, function_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from importlib.machinery import ModuleSpec
    from types import ModuleType
    from typing import Any

#: Which legs called `arm`, in order; the first one armed.
legs: list[str] = []

PATCHED = "patched"

#: By module name: PATCHED, or why not. A module that is not in here was not imported.
states: dict[str, str] = {}


#: Programs that run while an image is built and are no service: their requests are nobody's trace, and a build
#: must not wait for a collector that it cannot reach.
TOOLS = frozenset(
    ("pip", "pip3", "__pip-runner__.py", "_in_process.py", "poetry", "pipenv", "pdm", "virtualenv")
)


def arm(leg: str) -> None:
    """Put our finders in place, once; patch what was imported before us. A tool of the build is left alone."""
    legs.append(leg)
    if len(legs) == 1 and not is_tool(sys.orig_argv):
        guard.call("tracing could not be armed", _arm)
        # Read here: the settings are a file more, which no other process should pay for at its start.
        if os.environ.get("TRACING_BOOTSTRAP_SCRIPT_SPAN", "").strip().lower() == "true":
            guard.call("the script's run could not be traced", _begin_script)


def _arm() -> None:
    ours = tracing_bootstrap.bundle
    if ours is not None and ours in sys.meta_path:
        # One finder less to be asked at each import of the service's.
        sys.meta_path.remove(ours)
    sys.meta_path.insert(0, Finder(ROWS, None if ours is None else ours.find_spec))
    sys.meta_path.append(ApiFinder())
    for name in [name for name in sys.modules if name in ROWS]:
        _patch(name, sys.modules[name], ROWS[name])
    if not sys.orig_argv:
        # No interpreter was started: Python is embedded in another program.
        _patch(EMBEDDER, sys, ROWS[EMBEDDER])


def _begin_script() -> None:
    from tracing_bootstrap.instrumentation.concurrency import script

    script.begin(sys.orig_argv)


def is_tool(command: Sequence[str]) -> bool:
    """Whether the interpreter's command line (`sys.orig_argv`) runs one of the tools, as a script or by -m."""
    for index, argument in enumerate(command[1:], 1):
        if argument == "-m":
            return index + 1 < len(command) and command[index + 1] in TOOLS
        if not argument.startswith("-"):
            return argument.rpartition("/")[2] in TOOLS
    return False


_OURS = "tracing_bootstrap."
_LOOKED_AT = (_OURS, "opentelemetry.")


class Finder:
    """Finds what the other finders find, and has a module of the table patched once it is loaded.

    Our own modules are found by `find_ours`, where they lie in a bundle.
    """

    def __init__(self, rows: Mapping[str, str], find_ours: Callable[[str], ModuleSpec | None] | None) -> None:
        self._rows = rows
        self._find_ours = find_ours

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: Any = None
    ) -> ModuleSpec | None:
        """Return the module's own spec with a loader around its own, or None for every other module."""
        row = self._rows.get(name)
        if row is None and not name.startswith(_LOOKED_AT):
            return None
        if name.startswith(_OURS):
            return None if self._find_ours is None else self._find_ours(name)
        for finder in sys.meta_path:
            if finder is self:
                continue
            find = getattr(finder, "find_spec", None)
            spec: ModuleSpec | None = find(name, path, target) if find is not None else None
            if spec is not None:
                if row is None or name.startswith("opentelemetry."):
                    guard.call("the image's opentelemetry-api could not be used", _lend, spec)
                if row is not None and hasattr(spec.loader, "exec_module"):
                    spec.loader = PatchingLoader(spec.loader, row)  # type: ignore[assignment]
                return spec
        return None


class PatchingLoader:
    """Loads with the module's own loader, puts that back in its place, and patches."""

    def __init__(self, loader: Any, row: str) -> None:
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
        _patch(module.__name__, module, self._row)


# Python leaves importlib's own frames out of the traceback of a failed import, by the name of their file. Ours
# stands among them, and a service's log must look as it always did.
PatchingLoader.exec_module.__code__ = PatchingLoader.exec_module.__code__.replace(
    co_filename=PathFinder.find_spec.__code__.co_filename
)


def _patch(name: str, module: ModuleType, row: str) -> None:
    cause = f"{name} could not be traced"
    states[name] = PATCHED if guard.call(cause, _apply, module, row) else guard.reason(cause)


def _apply(module: ModuleType, row: str) -> bool:
    name, function = function_of(row)
    __import__(name)
    getattr(sys.modules[name], function)(module)
    return True


def _lend(spec: ModuleSpec) -> None:
    from tracing_bootstrap.instrumentation import api_fallback

    api_fallback.lend(spec)


class ApiFinder:
    """The last finder of all: what nobody found of `opentelemetry` is looked for in the image."""

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, _target: Any = None
    ) -> ModuleSpec | None:
        """Return the spec of a module of the image's API, or None."""
        if not name.startswith("opentelemetry") or name.partition(".")[0] != "opentelemetry":
            return None
        from tracing_bootstrap.instrumentation import api_fallback

        return guard.call("the image's opentelemetry-api could not be used", api_fallback.find, name, path)
