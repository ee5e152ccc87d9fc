"""When has uWSGI run the module that holds the application?

A module that it was given by name (`--module`, `--mount /x=package:app`) is imported, so a finder sees it. A file
(`--wsgi-file`) is run by the C function PyImport_ExecCodeModule, whose one call into Python is made before that
(`_fix_up_module`): from there on the interpreter is asked to tell when the module's code returns.
"""

from __future__ import annotations

import sys

from tracing_bootstrap import guard
from tracing_bootstrap.instrumentation.patching import after

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from importlib.machinery import ModuleSpec
    from types import CodeType, ModuleType
    from typing import Any

    Loaded = Callable[[dict[str, Any], str], None]

_CAUSE = "uWSGI's application could not be found"
_DEFAULT = "application"

# Tool numbers of sys.monitoring without a meaning of their own (PEP 669).
_TOOLS = (4, 3)


def wait_for(loaded: Loaded) -> None:
    """Have `loaded(module's values, name)` called for each application, before uWSGI looks the name up."""
    sys.meta_path.insert(0, _Finder(loaded))

    def fixed_up(_result: None, values: dict[str, Any], name: str, *_paths: Any) -> None:
        if name.startswith("uwsgi_file_"):
            _at_return(values, lambda: loaded(values, _callable()))

    after(sys.modules["_frozen_importlib_external"], "_fix_up_module", _CAUSE, fixed_up)


class _Finder:
    """Finds what the others find, and tells when a module with an application has run."""

    def __init__(self, loaded: Loaded) -> None:
        self._loaded = loaded

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: Any = None
    ) -> ModuleSpec | None:
        """Return the module's own spec with a loader around its own, or None for every other module."""
        attribute = guard.call(_CAUSE, _wanted, name)
        if attribute is None:
            return None
        for finder in sys.meta_path:
            find = getattr(finder, "find_spec", None)
            if finder is self or find is None:
                continue
            spec: ModuleSpec | None = find(name, path, target)
            if spec is not None:
                if hasattr(spec.loader, "exec_module"):
                    spec.loader = _Loader(spec.loader, self._loaded, attribute)  # type: ignore[assignment]
                return spec
        return None


class _Loader:
    """Loads with the module's own loader, puts that back in its place, and tells."""

    def __init__(self, loader: Any, loaded: Loaded, attribute: str) -> None:
        self._loader = loader
        self._loaded = loaded
        self._attribute = attribute

    def __getattr__(self, name: str) -> Any:
        return getattr(self._loader, name)

    def exec_module(self, module: ModuleType) -> None:
        """Execute the module as it would have been."""
        loader = self._loader
        module.__loader__ = loader
        if module.__spec__ is not None:
            module.__spec__.loader = loader
        loader.exec_module(module)
        guard.call(_CAUSE, self._loaded, module.__dict__, self._attribute)


def _wanted(name: str) -> str | None:
    """Return the attribute of a module that uWSGI was told to take its application from; None for the others."""
    uwsgi: Any = sys.modules.get("uwsgi")
    if uwsgi is None or not hasattr(uwsgi, "opt"):
        return None
    for option in ("module", "wsgi", "w", "mount"):
        for value in _values(uwsgi.opt, option):
            # A mount is written as /path=what.
            module, _, attribute = (value.rpartition("=")[2] if option == "mount" else value).partition(":")
            # `create()`, a factory, is called by uWSGI itself, and what it returns goes nowhere else.
            if module == name and not attribute.endswith(")"):
                return attribute or _callable()
    return None


def _callable() -> str:
    values = _values(sys.modules["uwsgi"].opt, "callable")
    return values[0] if values else _DEFAULT


def _values(options: dict[Any, Any], name: str) -> list[str]:
    """Return an option's values as text: uWSGI gives bytes, and a list where it was given more than once."""
    found = options.get(name, options.get(name.encode()))
    every = found if isinstance(found, list) else [found]
    return [
        value.decode() if isinstance(value, bytes) else value
        for value in every
        if isinstance(value, (str, bytes))
    ]


def _at_return(values: dict[str, Any], told: Callable[[], None]) -> None:
    """Have `told` called when the code of the module with these values returns."""
    monitoring: Any = getattr(sys, "monitoring", None)
    if monitoring is None:
        _at_return_311(values, told)
        return
    tool = next(number for number in _TOOLS if monitoring.get_tool(number) is None)
    monitoring.use_tool_id(tool, "tracing_bootstrap")

    def returned(code: CodeType, _offset: int, _value: object) -> object:
        if code.co_name != "<module>" or sys._getframe(1).f_globals is not values:
            # Not asked again where it returned just now.
            return monitoring.DISABLE
        monitoring.set_events(tool, 0)
        monitoring.register_callback(tool, monitoring.events.PY_RETURN, None)
        monitoring.free_tool_id(tool)
        guard.call(_CAUSE, told)
        return None

    monitoring.register_callback(tool, monitoring.events.PY_RETURN, returned)
    monitoring.set_events(tool, monitoring.events.PY_RETURN)


def _at_return_311(values: dict[str, Any], told: Callable[[], None]) -> None:
    if sys.getprofile() is not None:
        return

    def profile(frame: Any, event: str, _argument: object) -> None:
        if event == "return" and frame.f_globals is values and frame.f_code.co_name == "<module>":
            sys.setprofile(None)
            guard.call(_CAUSE, told)

    sys.setprofile(profile)
