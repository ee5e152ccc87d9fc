"""What we do when gunicorn forks a worker, when the worker has its application, and when it exits.

Nothing new in `post_fork`: the worker's signal handlers are not set yet, so that a SIGTERM which arrives during slow
work there is lost and the worker is killed after the graceful timeout. The tracer is opened when they are set and the
application is loaded, so that the first request need not wait for that. No thread is started: that is for the first
span to do.
"""

from __future__ import annotations

import os

from tracing_bootstrap import guard
from tracing_bootstrap.recorder import tracer

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def post_fork(server: Any, worker: Any) -> None:  # noqa: ARG001 - gunicorn's signature
    """Start afresh what a preloaded application has opened in the arbiter, where the fork itself did not."""
    if tracer.opened() is not None:
        guard.call("the tracer could not start afresh in a gunicorn worker", tracer.get)


def post_worker_init(worker: Any) -> None:  # noqa: ARG001 - gunicorn's signature
    """Open the tracer."""
    guard.call("the tracer could not be opened in a gunicorn worker", tracer.get)


def worker_exit(server: Any, worker: Any) -> None:  # noqa: ARG001 - gunicorn's signature
    """Send the worker's last spans. The arbiter calls this too, for a worker that is gone; that is not ours."""
    if worker.pid == os.getpid():
        guard.call("a gunicorn worker's last spans could not be sent", tracer.shutdown)
