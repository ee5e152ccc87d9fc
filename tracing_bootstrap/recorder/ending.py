"""When does a process that has spans end or divide, and what is done about its last ones?

It exits (atexit), leaves by `os._exit`, is killed by a signal (termination.py), or forks.
"""

from __future__ import annotations

import os
import sys
from time import monotonic

from tracing_bootstrap import guard
from tracing_bootstrap.recorder import termination, tracer
from tracing_bootstrap.recorder.context import current

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import NoReturn

#: Python warns of a fork in a process that has threads, ours included: they are put to rest then.
_FORK_WARNS = sys.version_info >= (3, 12)

#: Ends the span of the whole run, where there is one; called with the name of the signal that kills, if one does.
end_of_run: Callable[[str], object] | None = None


def watch() -> None:
    """Follow this process through its exit and its forks; the tracer that opens calls it, once."""
    import atexit

    os.register_at_fork(
        before=_before_fork, after_in_parent=_after_fork_in_parent, after_in_child=_after_fork_in_child
    )
    atexit.register(at_exit)
    _watch_exit()
    termination.words = tracer.flush
    termination.last_words = _last_words


def prepare() -> None:
    """Take the signals that would kill: this process has a span to lose now."""
    termination.take()


def at_exit() -> None:
    """Send the last spans, and let signals kill again: no thread of ours runs while Python takes itself down."""
    end_run()
    guard.call("the last spans could not be sent", tracer.shutdown)
    guard.call("signals could not be given back", termination.leave)


def end_run(killed_by: str = "") -> None:
    """End the span of the whole run; the second time nothing happens."""
    if end_of_run is not None:
        guard.call("the end of the run could not be recorded", end_of_run, killed_by)


def _watch_exit() -> None:
    """Send the last spans in `os._exit`, by which the children of multiprocessing, rq and their like end."""
    original = os._exit

    def _exit(status: int) -> NoReturn:
        at_exit()
        original(status)

    _exit.__doc__ = original.__doc__
    os._exit = _exit


def _last_words(signal: str) -> None:
    """Send twice: while the first goes out, requests that were answered come to their spans' ends."""
    end_run(signal)
    until = monotonic() + tracer.EXIT_SECONDS
    # What is left for the second is more than that, wherever the collector answers at all.
    tracer.flush(tracer.EXIT_SECONDS * 0.8)
    tracer.shutdown(until - monotonic())


def _before_fork() -> None:
    guard.call("a fork could not be prepared", _rest)


def _rest() -> None:
    termination.before_fork()
    opened = tracer.opened()
    if not _FORK_WARNS or opened is None or opened.pipeline is None or not opened.pipeline.rest():
        return
    thread = termination.leave()
    if thread:
        termination.wait_until_gone(thread)


def _after_fork_in_parent() -> None:
    guard.call("signals could not be let through after a fork", termination.after_fork_in_parent)


def _after_fork_in_child() -> None:
    guard.call("a fork's child could not give signals back", termination.after_fork_in_child)
    guard.call("a fork's child could not start afresh", tracer.start_afresh)
    guard.call("a fork's child could not tell its parent's spans from its own", _disown)


def _disown() -> None:
    """Leave the spans under way to the parent, that will end them; the child's are made below them."""
    value = current.get()
    span = None if value is None else value.span
    while span is not None:
        span.on_end = None
        span = span.entry
