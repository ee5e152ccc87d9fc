"""The tracing runtime that lies in every service's process.

In the image, importing it puts its modules' bundle on `sys.meta_path`: one file that the image's build made of
them, with an index in front, of which each module is read when it is imported. Looking up and opening fifty files takes
a Flask service a millisecond or two more. The files are there as well, and are used where the bundle is missing or
another Python's.
"""

import marshal
import os
import sys

# What importlib.util has from here too, without importing it.
from _frozen_importlib import ModuleSpec
from _frozen_importlib_external import MAGIC_NUMBER

# No `from __future__ import annotations` in here: it would import `__future__`, one file more at each start.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import CodeType, ModuleType
    from typing import Any

__version__ = "0.1.0"

#: The file's name, beside this one; images/install/bundle.py writes it.
BUNDLE = "bundle"

#: The bytes in front that tell the index's size, and the bits of a module's size in the number that is its place.
_SIZE = 8
_SIZE_BITS = 24


class Bundle:
    """Finds and loads the modules of a bundle: by name their places in it, and whether they are packages.

    What a module needs is loaded before it, and without the import system, which looks each one up with every finder
    and under a lock, and took longer than the modules. Here nothing waits: a module is known to others only when it is
    complete, and where two threads load the same one the first to be done stays.
    """

    def __init__(self, path: str, shown: str, modules: dict[str, int]) -> None:
        self._path = path
        self._shown = shown
        self._modules = modules
        self._loaded: dict[str, ModuleType] = {}

    def find_spec(self, name: str, _path: "Any" = None, _target: "Any" = None) -> "ModuleSpec | None":
        """Return the spec of a module of ours, or None for every other."""
        return self._spec(name) if name in self._modules else None

    def create_module(self, _spec: ModuleSpec) -> None:
        """Leave it to the import system."""

    def exec_module(self, module: "ModuleType") -> None:
        """Execute the module's code in it, after what it needs; none of ours is executed a second time."""
        name = module.__name__
        first = self._loaded.setdefault(name, module)
        if first is not module:
            # Another thread has loaded it since it was looked for. The import system returns what lies here.
            sys.modules[name] = first
            return
        bundle = self._open()
        try:
            self._execute(module, bundle)
        except BaseException:
            del self._loaded[name]
            raise
        finally:
            os.close(bundle)

    def get_code(self, name: str) -> "CodeType":
        """Return a module's code, as `python -m` asks for it."""
        bundle = self._open()
        try:
            return self._read(name, bundle)[1]
        finally:
            os.close(bundle)

    def _spec(self, name: str) -> ModuleSpec:
        is_package = bool(self._modules[name] & 1)
        path = self._shown + name[len(__name__) :].replace(".", "/")
        origin = f"{path}/__init__.py" if is_package else f"{path}.py"
        spec = ModuleSpec(name, self, origin=origin, is_package=is_package)  # type: ignore[arg-type]
        spec.has_location = True
        if is_package:
            spec.submodule_search_locations = [path]
        return spec

    def _open(self) -> int:
        return os.open(self._path, os.O_RDONLY | os.O_CLOEXEC)

    def _read(self, name: str, bundle: int) -> "tuple[tuple[str, ...], CodeType]":
        place = self._modules[name] >> 1
        offset, size = place >> _SIZE_BITS, place & (1 << _SIZE_BITS) - 1
        needs_and_code: tuple[tuple[str, ...], CodeType] = marshal.loads(os.pread(bundle, size, offset))  # noqa: S302 - root's own file
        return needs_and_code

    def _execute(self, module: "ModuleType", bundle: int) -> None:
        name = module.__name__
        needs, code = self._read(name, bundle)
        for need in needs:
            if need not in sys.modules:
                self._load(need, bundle)
        exec(code, module.__dict__)  # noqa: S102 - what every loader does
        for need in needs:
            # A package knows the modules that lie in it, also those that it needs itself.
            parent, _, last = need.rpartition(".")
            if parent == name:
                setattr(module, last, sys.modules[need])

    def _load(self, name: str, bundle: int) -> None:
        """Do what the import system does, but make the module known when it is complete."""
        module = _ModuleType(name)
        spec = module.__spec__ = self._spec(name)
        module.__loader__ = self  # type: ignore[assignment]
        module.__file__ = spec.origin
        module.__package__ = spec.parent
        if spec.submodule_search_locations is not None:
            module.__path__ = spec.submodule_search_locations
        self._execute(module, bundle)
        first = self._loaded.setdefault(name, module)
        sys.modules[name] = first
        parent, _, last = name.rpartition(".")
        if parent in sys.modules:
            setattr(sys.modules[parent], last, first)


def _open_bundle(path: str) -> "Bundle | None":
    try:
        with open(path, "rb", buffering=0) as file:
            size = int.from_bytes(file.read(_SIZE), "little")
            magic, shown, modules = marshal.loads(file.read(size))  # noqa: S302 - root's own file
    except (OSError, OverflowError, MemoryError, EOFError, ValueError, TypeError):
        return None
    return Bundle(path, shown, modules) if magic == MAGIC_NUMBER else None


_ModuleType = type(sys)

bundle = _open_bundle(f"{__path__[0]}/{BUNDLE}")
if bundle is not None:
    sys.meta_path.insert(0, bundle)
