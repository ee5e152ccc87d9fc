"""What a service is called that nobody has named: after the application that its command line runs.

Pure. `gunicorn -w 4 shop.wsgi:app` is "shop", `python -m shop` is "shop", `python /srv/shop.py` is "shop".
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

UNKNOWN = "unknown_service"

# Programs that run somebody else's application, with their words that stand before its name.
_LAUNCHERS = {
    "celery": ("-A", "--app"),
    "daphne": (),
    "fastapi": ("run", "dev"),
    "flask": ("-A", "--app"),
    "granian": (),
    "gunicorn": (),
    "hypercorn": (),
    "uvicorn": (),
    "uwsgi": ("-w", "--module", "--wsgi-file"),
    "waitress-serve": (),
}
# What stands before a colon in a launcher's options without being a module: `-c python:settings`, `unix:socket`.
_NO_MODULES = frozenset(("python", "file", "unix", "fd", "egg", "localhost", "tcp", "ssl", "http", "https"))
# Python's own options that take a value, next to -m and -c.
_VALUED = ("-W", "-X", "--check-hash-based-pycs")


def guess(orig_argv: Sequence[str], *, argv: Sequence[str]) -> str:
    """Name a service by `sys.orig_argv` and `sys.argv`.

    Where neither tells, it is "unknown_service:" with the program's name, as the resource semantic conventions
    ask for.
    """
    command = _command(orig_argv)
    if not command and argv and argv[0] not in ("", "-c", "-m", "-"):
        # A child of multiprocessing's spawn: its own command says nothing, its sys.argv is its parent's.
        command = list(argv)
    if not command:
        return f"{UNKNOWN}:python"
    program = _program(command[0])
    if program not in _LAUNCHERS:
        return program or f"{UNKNOWN}:python"
    return _application(command[1:], options=_LAUNCHERS[program]) or f"{UNKNOWN}:{program}"


def _command(orig_argv: Sequence[str]) -> list[str]:
    """Return the script or module that the interpreter runs and its arguments; empty for code and stdin."""
    if not orig_argv:
        return []
    if not orig_argv[0].rpartition("/")[2].startswith(("python", "pypy")):
        # A program with Python inside, as uwsgi.
        return list(orig_argv)
    rest = list(orig_argv[1:])
    while rest:
        option = rest.pop(0)
        if option == "-" or not option.startswith("-"):
            return [] if option == "-" else [option, *rest]
        if option in _VALUED:
            rest = rest[1:]
        elif not option.startswith("--"):
            for at, letter in enumerate(option[1:], 2):
                if letter in "cm":
                    name = [option[at:]] if option[at:] else rest[:1]
                    return [] if letter == "c" or not name else [*name, *(rest if option[at:] else rest[1:])]
                if letter in "WX":
                    rest = rest if option[at:] else rest[1:]
                    break
    return []


def _program(name: str) -> str:
    """Name a script by its stem and a module by its package: /srv/shop.py, shop.server, shop/__main__.py: shop."""
    folder, _, base = name.rpartition("/")
    if base == "__main__.py":
        return folder.rpartition("/")[2]
    return base.removesuffix(".py") if folder or base.endswith(".py") else base.partition(".")[0]


def _application(arguments: Sequence[str], *, options: Sequence[str]) -> str:
    """Return the package of the application that is named among a launcher's arguments."""
    for value in _values(arguments, options=options):
        module = value.partition(":")[0]
        if "/" in module or module.endswith(".py"):
            module = _program(module)
        if module and module.replace(".", "").replace("_", "").replace("-", "").isalnum():
            return module.partition(".")[0]
    return ""


def _values(arguments: Sequence[str], *, options: Sequence[str]) -> Iterator[str]:
    """Yield what may name an application: after an option for it, then whatever looks like module:attribute."""
    for at, word in enumerate(arguments):
        if word in options and at + 1 < len(arguments):
            yield arguments[at + 1]
        option, equals, value = word.partition("=")
        if equals and option in options:
            yield value
    for word in arguments:
        module, colon, attribute = word.partition(":")
        if (
            colon
            and module not in _NO_MODULES
            and module.replace(".", "_").isidentifier()
            and attribute[:1].replace("_", "a").isalpha()
        ):
            yield word
