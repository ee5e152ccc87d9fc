"""SIGTERM in a process that lets it kill: the last spans are sent first.

Python runs no exit handler when a signal kills the process. Where a server of the standard library's kind starts
to serve in the main thread and nobody handles SIGTERM, we do: send what is queued, for part of a second, and
then die of the very same signal. The service does not see the handler: it reads SIG_DFL where it asks.
"""

from __future__ import annotations

import os
import signal
from time import monotonic

from tracing_bootstrap import guard
from tracing_bootstrap.instrumentation.patching import before, replace
from tracing_bootstrap.recorder import tracer
from tracing_bootstrap.recorder.context import current

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

_INIT = 1


def patch_socketserver(module: Any) -> None:
    """Take SIGTERM when a server starts to serve (socketserver.BaseServer, below wsgiref and werkzeug)."""
    before(module.BaseServer, "serve_forever", "SIGTERM could not be taken", take)


def take(*_args: Any) -> None:
    """Have the last spans sent when SIGTERM comes, wherever nobody handles it; else do nothing.

    For the patch of a server whose process a SIGTERM would simply kill: call it when the server starts to serve, as
    often as you like and from any thread. A handler that the service sets later takes the place of ours. The
    arguments are ignored, so that it can be a hook itself.
    """
    from threading import current_thread, main_thread

    if current_thread() is not main_thread() or signal.getsignal(signal.SIGTERM) is not signal.SIG_DFL:
        return
    replace(signal, "getsignal", _hide)
    replace(signal, "signal", _hide)
    signal.signal(signal.SIGTERM, _terminate)


def _hide(original: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function that answers SIG_DFL for our handler: a service may call what stood before its own."""

    def asked(*args: Any) -> Any:
        answer = original(*args)
        return signal.SIG_DFL if answer is _terminate else answer

    return asked


def _terminate(signum: int, _frame: object) -> None:
    if os.getpid() == _INIT:
        # The kernel drops a signal for which the first process of a container has no handler: the service runs on.
        guard.call("spans could not be sent", _aside, _flush)
        return
    # First of all the default is back: a second signal kills at once.
    signal.signal(signum, signal.SIG_DFL)
    guard.call("the request under way could not be recorded", _end_own)
    guard.call("the last spans could not be sent", _aside, _shutdown)
    os.kill(os.getpid(), signum)


def _end_own() -> None:
    """End the spans that this thread was in: it will not come to it any more, and its answer may be out already."""
    value = current.get()
    span = None if value is None else value.span
    while span is not None:
        span.end()
        span = span.entry


def _aside(send: Callable[[], None]) -> None:
    """Send in another thread: the signal may have come while this one held a lock that sending needs."""
    from _thread import allocate_lock, start_new_thread

    done = allocate_lock()
    done.acquire()

    def run() -> None:
        guard.call("the last spans could not be sent", send)
        done.release()

    start_new_thread(run, ())
    # Longer than it may take, so that what it could not send is counted and told before we die.
    done.acquire(timeout=tracer.EXIT_SECONDS + 0.1)


def _flush() -> None:
    tracer.flush(tracer.EXIT_SECONDS)


def _shutdown() -> None:
    """Send twice: while the first goes out, requests that other threads have answered come to their spans' ends."""
    until = monotonic() + tracer.EXIT_SECONDS
    tracer.flush(tracer.EXIT_SECONDS / 2)
    tracer.shutdown(until - monotonic())
