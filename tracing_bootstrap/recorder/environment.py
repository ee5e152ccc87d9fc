"""How does a trace reach a process that this one starts? In its environment: TRACEPARENT, TRACESTATE, BAGGAGE.

OpenTelemetry, "Environment variables as context propagation carriers": a variable's name is the header's in upper
case, with underscores. The child's environment is a copy: neither `os.environ` nor what the service passed is
changed, and a TRACEPARENT that the service set itself stays as it is. In the child a server's requests have traces
of their own; only spans that would begin a trace are made under the process that started it.
"""

from __future__ import annotations

import os

from tracing_bootstrap import guard
from tracing_bootstrap.recorder import tracer
from tracing_bootstrap.recorder.context import current

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

    from tracing_bootstrap.recorder.span import Span

_NAMES = ("TRACEPARENT", "TRACESTATE", "BAGGAGE")
_CAUSE = "a child process's environment could not carry the trace on"

# What this process was given itself: in a child's environment that is the past, and not the service's own doing.
_given: dict[str, str] = {}


def read(environ: Mapping[str, str]) -> Span | None:
    """Return the span of the process that started this one, if the environment names it."""
    span = tracer.carried_on(*map(environ.get, _NAMES))
    if span is not None:
        _given.update((name, environ[name]) for name in _NAMES if name in environ)
    return span


def carry(environ: Mapping[Any, Any]) -> Mapping[Any, Any]:
    """Return a child's environment, of text or bytes, with the current trace; the very same where there is none."""
    plain = {os.fsdecode(name): os.fsdecode(environ[name]) for name in environ} if _parent() else {}
    wanted = _wanted(plain.get)
    if wanted is None:
        return environ
    plain.update((name, value) for name, value in wanted.items() if value)
    return {name: value for name, value in plain.items() if wanted.get(name, value)}


def carry_in_list(variables: list[bytes] | None) -> list[bytes] | None:
    """Do the same with a list of `NAME=value`; None stands for `os.environ`."""
    if not _parent():
        return variables
    if variables is None:
        variables = [b"%s=%s" % item for item in os.environb.items()]
    present = {}
    for variable in variables:
        name, _, value = variable.partition(b"=")
        present[os.fsdecode(name)] = os.fsdecode(value)
    wanted = _wanted(present.get)
    if wanted is None:
        return variables
    replaced = tuple(f"{name}=".encode() for name in wanted)
    kept = [variable for variable in variables if not variable.startswith(replaced)]
    return kept + [f"{name}={value}".encode() for name, value in wanted.items() if value]


def _parent() -> Any:
    """Return what is current here, the span or a frame around it; None where a child would begin a trace."""
    value = current.get()
    if value is None or value.span is None:
        return None
    return None if value.span.on_end is None and tracer.is_stale(value.span) else value


def _wanted(present: Callable[[str], str | None]) -> dict[str, str] | None:
    """Return which variables to set, and by an empty value which to remove; None: leave all as it is."""
    value = _parent()
    if value is None:
        return None
    found = {name.upper().replace("-", "_"): text for name, text in tracer.headers(value.span, written=())}
    if value.baggage and tracer.carries_baggage:
        found["BAGGAGE"] = value.baggage
    theirs = [name for name in (*found, *_NAMES) if present(name) not in (None, _given.get(name))]
    if not found or "TRACEPARENT" in theirs:
        return None
    wanted = {**dict.fromkeys(_given, ""), **found}
    return {name: text for name, text in wanted.items() if name not in theirs}


def watch() -> None:
    """Carry the trace on into what `os.posix_spawn` starts and what replaces this process.

    By `os.exec*`; all of them call `os.execv` or `os.execve`. The replaced process runs no exit handler.
    """
    execv, execve = os.execv, os.execve

    def replaced_by(path: Any, argv: Any, /) -> Any:
        _send()
        environ = guard.call(_CAUSE, carry, os.environ)
        return execv(path, argv) if environ is None or environ is os.environ else execve(path, argv, environ)

    def replaced_with(path: Any, argv: Any, env: Any) -> Any:
        _send()
        return execve(path, argv, guard.call(_CAUSE, carry, env) or env)

    os.execv, os.execve = mimic(execv, replaced_by), mimic(execve, replaced_with)
    os.posix_spawn, os.posix_spawnp = map(_spawning, (os.posix_spawn, os.posix_spawnp))


def _send() -> None:
    from tracing_bootstrap.recorder import ending

    # If the program cannot be replaced it runs on, and its run's span was short.
    ending.end_run()
    guard.call("the last spans could not be sent", tracer.flush)


def _spawning(original: Any) -> Any:
    def spawn(path: Any, argv: Any, env: Any, /, **options: Any) -> Any:
        # None is `os.environ`, from Python 3.13 on.
        environ = guard.call(_CAUSE, carry, os.environ if env is None else env)
        return original(path, argv, env if environ is None or environ is os.environ else environ, **options)

    return mimic(original, spawn)


def mimic(original: Callable[..., Any], function: Callable[..., Any]) -> Any:
    """Give a function that stands for one of Python's own that one's name."""
    function.__name__ = function.__qualname__ = original.__name__
    function.__doc__ = original.__doc__
    return function
