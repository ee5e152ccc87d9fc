"""The span of a script's or a cron job's whole run, where TRACING_BOOTSTRAP_SCRIPT_SPAN asks for it.

Named and described as the conventions for command line programs say (OpenTelemetry semantic conventions 1.37,
"Semantic conventions for CLI programs"). Off by default: in most processes it would be a server's whole life.
"""

from __future__ import annotations

import os
import sys

from tracing_bootstrap.instrumentation.patching import before
from tracing_bootstrap.recorder import ending, termination, tracer
from tracing_bootstrap.recorder.context import current
from tracing_bootstrap.recorder.span import ERROR, INTERNAL, Span

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

# What `sys.exit` was called with, at last.
_code: object = None


def begin(command: Sequence[str]) -> None:
    """Begin the run's span and make it current; `command` is the interpreter's command line."""
    name = name_of(command)
    if name is None:
        return
    tracer.get()
    span = tracer.child(Span, name, INTERNAL)
    span.set_attribute("process.executable.name", os.path.basename(sys.executable))
    current.set(span)
    pid = os.getpid()

    def end(killed_by: str = "") -> None:
        if os.getpid() == pid:
            _describe_end(span, killed_by)
            span.end()

    ending.end_of_run = end
    before(sys, "exit", "a script's exit code could not be recorded", _exits)
    # It has a span to lose from now on.
    termination.take()


def name_of(command: Sequence[str]) -> str | None:
    """Return what runs: a script's file, a module by -m; None for a helper process of multiprocessing.

    `python -c` and a program from standard input have no name of their own: they are called after the interpreter.
    """
    arguments = iter(command[1:])
    for argument in arguments:
        if argument == "-m":
            return next(arguments, None)
        if argument == "-c":
            if next(arguments, "").startswith("from multiprocessing."):
                return None
            break
        if argument in {"-W", "-X"}:
            next(arguments, None)
        elif not argument.startswith("-"):
            return argument.rpartition("/")[2]
    return command[0].rpartition("/")[2] if command else None


def _exits(*args: object) -> None:
    global _code
    _code = args[0] if args else None


def _describe_end(span: Span, killed_by: str) -> None:
    """Record how it ended: what was raised, the exit code, or the signal."""
    exc = getattr(sys, "last_value", None)
    if killed_by:
        span.set_attribute("error.type", killed_by)
        span.set_status(ERROR, f"killed by {killed_by}")
    elif isinstance(exc, BaseException):
        span.fail(exc)
        span.set_attribute("process.exit.code", 1)
    else:
        code = exit_code(_code)
        span.set_attribute("process.exit.code", code)
        if code:
            span.set_attribute("error.type", str(code))
            span.set_status(ERROR, f"exit code {code}")


def exit_code(argument: object) -> int:
    """Return the exit code that `sys.exit` makes of its argument: of any text it is 1."""
    if argument is None:
        return 0
    return argument & 0xFF if isinstance(argument, int) else 1
