"""Make one file of the runtime's modules: a service's start then opens one file instead of three dozen."""

import importlib.util
import marshal

NAME = "bundle"

# Read by file: what runs by itself, and the doctor, which no service loads.
LEFT_OUT = ("__main__.py", "legs/sitecustomize.py", "legs/early.py", "doctor/")


def write(package, *, shown):
    """Write the bundle into the package's directory; `shown` is the path that tracebacks then show."""
    modules = {}
    for file in sorted(package.rglob("*.py")):
        path = file.relative_to(package)
        if path.as_posix().startswith(LEFT_OUT) or path.as_posix() == "__init__.py":
            continue
        is_package = path.name == "__init__.py"
        parts = path.parent.parts if is_package else path.with_suffix("").parts
        code = compile(file.read_bytes(), str(shown / path), "exec", dont_inherit=True)
        name = ".".join((package.name, *parts))
        modules[name] = (marshal.dumps(code), is_package, str(shown / path))
    (package / NAME).write_bytes(marshal.dumps((importlib.util.MAGIC_NUMBER, modules)))
