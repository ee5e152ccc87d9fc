"""Loads the image's own copies of OpenTelemetry's contrib packages where no service sees them.

They are imported below a name of ours, `tracing_bootstrap.layer.wrapt` and so on, and what they import by the names
in `OURS` is found there as well. So a service may pin any version of any of these, or have none: its `sys.modules`
and `sys.path` are as they were, and neither of the two can break the other.
"""

from __future__ import annotations

import builtins
import os
import sys
from _frozen_importlib_external import PathFinder

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from importlib.machinery import ModuleSpec
    from types import ModuleType
    from typing import Any

PREFIX = "tracing_bootstrap.layer."

#: The packages that are taken from the image, whatever the service has.
OURS = frozenset(("opentelemetry", "packaging", "typing_extensions", "wrapt"))

#: Imported by wrapt for decorators that nobody uses here; it costs tens of milliseconds, and imports ssl and socket
#: before gevent may have patched them.
LATE = frozenset(("asyncio",))

_builtins: dict[str, Any] = {}


def home() -> str:
    """Where the image's layers lie: beside the package."""
    package = os.path.realpath(sys.modules["tracing_bootstrap"].__path__[0])
    return os.path.dirname(package)


def load(name: str) -> Any:
    """Import one of our packages' modules by its usual name, and return it."""
    _prepare()
    __import__(PREFIX + name)
    return sys.modules[PREFIX + name]


def put(name: str, **members: Any) -> Any:
    """Put a module of these members in the place of one of our packages' modules."""
    _prepare()
    module = type(sys)(PREFIX + name)
    module.__dict__.update(members)
    sys.modules[PREFIX + name] = module
    parent, _, child = name.rpartition(".")
    if parent:
        setattr(load(parent), child, module)
    return module


def _prepare() -> None:
    root = PREFIX[:-1]
    if root in sys.modules:
        return
    layer = type(sys)(root)
    layer.__path__ = [os.path.join(home(), part) for part in ("detail", "api")]
    _builtins.update(vars(builtins))
    _builtins["__import__"] = _import
    sys.meta_path.insert(0, LayerFinder())
    sys.modules[root] = layer


class LayerFinder:
    """Finds the modules below our name, and has them import what we say."""

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, _target: Any = None
    ) -> ModuleSpec | None:
        """Return the spec of a module in the layer, or None for every other module."""
        if not name.startswith(PREFIX):
            return None
        spec = PathFinder.find_spec(name, path)
        if spec is not None and hasattr(spec.loader, "get_code"):
            spec.loader = LayerLoader(spec.loader)  # type: ignore[assignment]
        return spec


class LayerLoader:
    """Loads with the module's own loader, in builtins of which one is ours."""

    def __init__(self, loader: Any) -> None:
        self._loader = loader

    def __getattr__(self, name: str) -> Any:
        return getattr(self._loader, name)

    def exec_module(self, module: ModuleType) -> None:
        """Execute the module; the functions that it defines keep these builtins."""
        module.__dict__["__builtins__"] = _builtins
        self._loader.exec_module(module)


class Late:
    """Stands for a module that is imported when somebody needs something of it."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, name: str) -> Any:
        return getattr(__import__(self._name), name)


def _import(
    name: str,
    variables: dict[str, Any] | None = None,
    local: Any = None,
    wanted: Sequence[str] | None = (),
    level: int = 0,
) -> Any:
    """Do what `import` does (the language reference, `__import__`), with our packages found in the layer."""
    if level:
        assert variables is not None
        package = variables["__package__"]
        for _ in range(level - 1):
            package = package.rpartition(".")[0]
        full = f"{package}.{name}" if name else package
    elif name.partition(".")[0] in OURS:
        full = PREFIX + name
    elif name in LATE and not wanted and name not in sys.modules:
        return Late(name)
    else:
        return builtins.__import__(name, variables, local, wanted or (), 0)
    __import__(full)
    if not wanted:
        # `import a.b` binds a; there is no relative form of it.
        return sys.modules[PREFIX + name.partition(".")[0]]
    module = sys.modules[full]
    for each in wanted:
        if not hasattr(module, each) and hasattr(module, "__path__"):
            _import_child(f"{full}.{each}")
    return module


def _import_child(name: str) -> None:
    try:
        __import__(name)
    except ModuleNotFoundError as exc:
        # Then `from a import b` says so itself.
        if exc.name != name:
            raise
