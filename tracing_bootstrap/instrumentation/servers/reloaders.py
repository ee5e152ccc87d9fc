"""The development servers' reloaders: the parent lets its server send the last spans before it kills it.

`flask run --debug` and Django's runserver are two processes: a parent that waits for the one that serves, to start
it again. On SIGTERM the parent ends by an exception, upon which `subprocess` kills the child at once (SIGKILL);
the child, which the same signal reached where it went to the whole process group, is then still sending.
"""

from __future__ import annotations

import sys

from tracing_bootstrap.instrumentation.patching import before
from tracing_bootstrap.recorder import tracer

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_CAUSE = "a reloader's server could not be waited for"


def patch_werkzeug(module: Any) -> None:
    """Have the parent wait a moment (werkzeug._reloader)."""
    before(module.ReloaderLoop, "restart_with_reloader", _CAUSE, _in_parent)


def patch_django(module: Any) -> None:
    """Have the parent wait a moment (django.utils.autoreload)."""
    before(module, "restart_with_reloader", _CAUSE, _in_parent)


def _in_parent(*_args: Any) -> None:
    """Change `subprocess` in this process, which does nothing but run the server."""
    before(sys.modules["subprocess"].Popen, "kill", _CAUSE, _wait)


def _wait(child: Any) -> None:
    """Wait until the child is gone, for no longer than its last spans may take."""
    if isinstance(sys.exc_info()[1], SystemExit):
        try:
            child.wait(tracer.EXIT_SECONDS)
        except sys.modules["subprocess"].TimeoutExpired:
            # The signal did not reach it: it is killed as ever.
            return
