"""Make one file of the runtime's modules: a service's start then opens one file instead of three dozen."""

import importlib.util
import marshal

NAME = "bundle"
#: Bytes of the size in front of the index.
SIZE = 8

# Read by file: what runs by itself, and the doctor, which no service loads.
LEFT_OUT = ("__main__.py", "legs/sitecustomize.py", "legs/early.py", "doctor/")


def write(package, *, shown):
    """Write the bundle into the package's directory; `shown` is the path that tracebacks then show."""
    codes, modules, offset = [], {}, 0
    for file in sorted(package.rglob("*.py")):
        path = file.relative_to(package)
        if path.as_posix().startswith(LEFT_OUT) or path.as_posix() == "__init__.py":
            continue
        is_package = path.name == "__init__.py"
        parts = path.parent.parts if is_package else path.with_suffix("").parts
        # Docstrings are read in the files: they are a third of the bundle.
        code = compile(file.read_bytes(), str(shown / path), "exec", dont_inherit=True, optimize=2)
        codes.append(marshal.dumps(code))
        modules[".".join((package.name, *parts))] = (offset, len(codes[-1]), is_package, str(shown / path))
        offset += len(codes[-1])
    (package / NAME).write_bytes(b"".join([index(modules), *codes]))


def index(modules, *, magic=importlib.util.MAGIC_NUMBER):
    """What stands in front of the codes: its size, then the modules with where their codes begin in the file."""
    placed, size = modules, 0
    while True:
        encoded = marshal.dumps((magic, placed))
        if len(encoded) == size:
            return size.to_bytes(SIZE, "little") + encoded
        # A number takes as much room as another, so that the second time is the last.
        size = len(encoded)
        placed = {name: (offset + SIZE + size, *rest) for name, (offset, *rest) in modules.items()}
