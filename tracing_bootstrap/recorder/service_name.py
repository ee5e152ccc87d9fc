"""What is a service called that nobody has named? The order of the sources, and the names that a command line has.

1. OTEL_SERVICE_NAME. 2. `service.name` in OTEL_RESOURCE_ATTRIBUTES. (These two are the resource's affair.)
3. /opt/tracing/service-name, which a pipeline may write into an image.
4. What the platform calls it (`platform_name`).
5. The application that its command line runs, by the first of its modules that says something: of
   `gunicorn -w 4 src.shop.wsgi:app`, `python -m shop` and `python /srv/shop.py` that is "shop", of
   `gunicorn app:app` there is none.
6. The same of DJANGO_SETTINGS_MODULE, FLASK_APP and CELERY_APP.
7. The project in the working directory (`project_name`).
8. The application's first module after all ("app").
9. "unknown_service:" and the program, as the resource semantic conventions ask for.
"""

from __future__ import annotations

from tracing_bootstrap.recorder import platform_name, project_name

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

UNKNOWN = "unknown_service"

#: Sources of names that are one for all that an image, or a deployment, runs.
IMAGE = "the image"
PLATFORM = "the platform"

# Programs that run somebody else's application, with their words that stand before its name.
_LAUNCHERS = {
    "arq": (),
    "celery": ("-A", "--app"),
    "daphne": (),
    "django-admin": (),
    "dramatiq": (),
    "fastapi": ("run", "dev"),
    "flask": ("-A", "--app"),
    "granian": (),
    "gunicorn": (),
    "hypercorn": (),
    "litestar": ("--app",),
    "rq": (),
    "sanic": (),
    "uvicorn": (),
    "uwsgi": ("-w", "--module", "--wsgi-file"),
    "waitress-serve": (),
}
# Those of them whose application is a module without a colon, behind their options.
_BY_POSITION = ("arq", "dramatiq", "sanic")
# What stands before a colon in a launcher's options without being a module: `-c python:settings`, `unix:socket`.
_NO_MODULES = frozenset(("python", "file", "unix", "fd", "egg", "localhost", "tcp", "ssl", "http", "https"))
# Modules that every service has.
_SAY_NOTHING = frozenset((
    "__main__", "api", "app", "application", "apps", "asgi", "backend", "celery", "celery_app", "config", "core",
    "django", "index", "main", "manage", "project", "run", "server", "service", "settings", "site", "src", "start",
    "tasks", "web", "worker", "wsgi",
))  # fmt: skip
_VARIABLES = ("DJANGO_SETTINGS_MODULE", "FLASK_APP", "CELERY_APP")
# Python's own options that take a value, next to -m and -c.
_VALUED = ("-W", "-X", "--check-hash-based-pycs")


def find(
    environ: Mapping[str, str],
    *,
    orig_argv: Sequence[str],
    argv: Sequence[str],
    directory: str,
    stamped: str | None,
) -> tuple[str, str]:
    """Return a service's name and where it is from, of the third source and those behind it.

    `orig_argv` and `argv` are the interpreter's, `directory` the working one, `stamped` what the image has.
    """
    if stamped:
        return stamped, IMAGE
    platform = platform_name.find(environ)
    if platform:
        return platform, PLATFORM
    program, modules = _run(orig_argv, argv=argv)
    said = _first_that_says_something(modules)
    if said:
        return said, "the command"
    for variable in _VARIABLES:
        said = _first_that_says_something(_modules(environ.get(variable, "")))
        if said:
            return said, variable
    project = project_name.find(directory)
    if project:
        return project, "the working directory"
    if modules:
        return modules[0], "the command"
    return f"{UNKNOWN}:{program}", "nobody"


def _run(orig_argv: Sequence[str], *, argv: Sequence[str]) -> tuple[str, list[str]]:
    """Return the program that a command line runs, and the modules that name its application, the outer first."""
    command = _command(orig_argv)
    if not command and argv and argv[0] not in ("", "-c", "-m", "-"):
        # A child of multiprocessing's spawn: its own command says nothing, its sys.argv is its parent's.
        command = list(argv)
    if not command:
        return "python", []
    program = _program(command[0])
    if program in _LAUNCHERS:
        return program, _application(program, command[1:])
    return program or "python", _modules(command[0]) if program else []


def _first_that_says_something(modules: Sequence[str]) -> str | None:
    return next((module for module in modules if module.lower() not in _SAY_NOTHING), None)


def _modules(target: str) -> list[str]:
    """Return the modules that a target names: shop.web.wsgi:app, /srv/shop/__main__.py, shop.py."""
    module = target.partition(":")[0]
    if "/" in module or module.endswith(".py"):
        module = _program(module)
        return [module] if module else []
    return [part for part in module.split(".") if part]


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


def _application(program: str, arguments: Sequence[str]) -> list[str]:
    """Return the modules of the application that is named among a launcher's arguments."""
    values = list(_values(arguments, options=_LAUNCHERS[program]))
    if program in _BY_POSITION:
        values += [word for word in arguments if word.replace(".", "_").isidentifier()][:1]
    for value in values:
        modules = _modules(value)
        if modules and all(part.replace("_", "").replace("-", "").isalnum() for part in modules):
            return modules
    return []


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
