"""Lends the image's opentelemetry-api to a service that has none of its own."""

from __future__ import annotations

import os
import sys
from _frozen_importlib_external import PathFinder

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from importlib.machinery import ModuleSpec
    from types import FrameType, ModuleType
    from typing import Any

_LENT = "typing_extensions"
_lent_module: ModuleType | None = None

#: Files of ours that stand between the code that imports and this module.
_OURS = ("tracing_bootstrap/bootstrap.py", "tracing_bootstrap/guard.py", "instrumentation/api_fallback.py")


def directory() -> str:
    """Where the image keeps its API: beside the package."""
    package = os.path.dirname(os.path.dirname(os.path.realpath(__file__)))
    return os.path.join(os.path.dirname(package), "api")


def find(name: str, path: Sequence[str] | None) -> ModuleSpec | None:
    """Return the spec of `opentelemetry` or of a module below it in the image, or None.

    A service that has its own API, of any version, gets every module from there: never a mixture of two. A
    service that installed other parts of the namespace (opentelemetry-proto, say) still gets the API from here.
    Installed libraries do not: many use the API if it happens to be there, and would do what they do not do without
    us; one that needs it brings it.
    """
    if _is_library(_importer()):
        return None
    api = directory()
    if "." not in name:
        return PathFinder.find_spec(name, [api])
    if path is not None and _has_own_api(path, api):
        return None
    return PathFinder.find_spec(name, [os.path.join(api, *name.split(".")[:-1])])


def _importer() -> str:
    """Return the file of the code that imports: the first one above the import system and us."""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None:
        file = frame.f_code.co_filename
        if not file.startswith("<frozen importlib") and not file.endswith(_OURS):
            return file
        frame = frame.f_back
    return ""


def _is_library(file: str) -> bool:
    return "/site-packages/" in file or "/dist-packages/" in file


def lend(spec: ModuleSpec) -> None:
    """Have a module that lies in the image's API loaded with the image's typing_extensions; no other module."""
    api = directory()
    if spec.has_location and str(spec.origin).startswith(api) and hasattr(spec.loader, "exec_module"):
        spec.loader = LendingLoader(spec.loader, api)  # type: ignore[assignment]


def _has_own_api(path: Sequence[str], api: str) -> bool:
    roots = {entry for entry in sys.modules["opentelemetry"].__path__ if not entry.startswith(api)}
    if not roots and any(not entry.startswith(api) for entry in path):
        return True
    return bool(roots) and PathFinder.find_spec("opentelemetry.trace", list(roots)) is not None


class LendingLoader:
    """Executes a module of the image's API with the image's typing_extensions, which only it gets to see.

    The API needs a newer one than some services pin, and a service that has none must go on having none.
    """

    def __init__(self, loader: Any, api: str) -> None:
        self._loader = loader
        self._api = api

    def __getattr__(self, name: str) -> Any:
        return getattr(self._loader, name)

    def exec_module(self, module: ModuleType) -> None:
        """Execute the module, and leave `sys.modules` as it was otherwise."""
        module.__loader__ = self._loader
        if module.__spec__ is not None:
            module.__spec__.loader = self._loader
        theirs = sys.modules.get(_LENT)
        lent = _load_lent(self._api)
        if lent is None or theirs is lent:
            self._loader.exec_module(module)
            return
        sys.modules[_LENT] = lent
        try:
            self._loader.exec_module(module)
        finally:
            if theirs is None:
                del sys.modules[_LENT]
            else:
                sys.modules[_LENT] = theirs


def _load_lent(api: str) -> ModuleType | None:
    global _lent_module
    if _lent_module is None:
        from _frozen_importlib import module_from_spec

        spec = PathFinder.find_spec(_LENT, [api])
        if spec is None or spec.loader is None:
            return None
        made: ModuleType = module_from_spec(spec)
        spec.loader.exec_module(made)
        _lent_module = made
    return _lent_module


def entry_points(**asked: Any) -> Any:
    """Return the entry points of the image's API, which no service's metadata scan sees."""
    from importlib.metadata import distributions

    return tuple(
        entry
        for distribution in distributions(path=[directory()])
        for entry in distribution.entry_points
        if all(getattr(entry, key) == value for key, value in asked.items())
    )
