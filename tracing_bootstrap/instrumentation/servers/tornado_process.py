"""tornado's prefork server (`HTTPServer.start(n)`): its parent waits for the children's last spans.

It lets SIGTERM kill it, and it has no spans of its own. But in a container the end of the parent is the end of all:
a signal to the whole group would leave the children no time to send theirs.
"""

from __future__ import annotations

import os
import signal
from time import monotonic, sleep

from tracing_bootstrap import guard
from tracing_bootstrap.instrumentation.patching import before
from tracing_bootstrap.recorder.tracer import EXIT_SECONDS

_INIT = 1
_POLL_SECONDS = 0.005
_CAUSE = "tornado's children could not be waited for"

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_parent = 0


def patch(module: Any) -> None:
    """Handle SIGTERM in the process that forks, where nobody else does (tornado.process)."""
    before(module, "fork_processes", _CAUSE, _prepare)


def _prepare(*_args: Any) -> None:
    global _parent
    # The kernel drops a signal for which the first process of a container has no handler: that stays so.
    if os.getpid() == _INIT or signal.getsignal(signal.SIGTERM) is not signal.SIG_DFL:
        return
    from threading import current_thread, main_thread

    if current_thread() is not main_thread():
        return
    if not _parent:
        os.register_at_fork(after_in_child=_after_fork_in_child)
    _parent = os.getpid()
    signal.signal(signal.SIGTERM, _terminate)


def _after_fork_in_child() -> None:
    guard.call("SIGTERM could not be given back to a child of tornado's", _give_back)


def _give_back() -> None:
    if signal.getsignal(signal.SIGTERM) is _terminate:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)


def _terminate(signum: int, _frame: object) -> None:
    """Die of the signal, after the children: in the main thread, which else would restart those that end."""
    if os.getpid() == _parent:
        guard.call(_CAUSE, _wait)
    signal.signal(signum, signal.SIG_DFL)
    os.kill(os.getpid(), signum)


def _wait() -> None:
    until = monotonic() + EXIT_SECONDS + 0.1
    while monotonic() < until:
        try:
            child, _ = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return
        if not child:
            sleep(_POLL_SECONDS)
