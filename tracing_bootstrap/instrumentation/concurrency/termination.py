"""Has the last spans sent when SIGTERM kills a server that gave up its own handler, or has no span yet."""

from __future__ import annotations

from tracing_bootstrap import guard
from tracing_bootstrap.recorder import termination

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def take(*_args: Any) -> None:
    """Have the last spans sent when SIGTERM comes, wherever nobody handles it; else do nothing.

    The first span of a process does it anyway. A server's patch calls this where the server has handled SIGTERM and
    gives its handler up, as often as it likes and from any thread. The arguments are ignored, so that it can be a
    hook itself.
    """
    guard.call("SIGTERM could not be taken", termination.take)
