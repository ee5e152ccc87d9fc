"""What we do when gunicorn forks a worker and when a worker exits.

Almost nothing, in `post_fork`: the worker's signal handlers are not set yet, so that a SIGTERM which arrives
during slow work there is lost and the worker is killed after the graceful timeout. No thread is started either:
gevent patches threading only after this hook.
"""

from __future__ import annotations

import os

from tracing_bootstrap import guard
from tracing_bootstrap.recorder import tracer

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def post_fork(server: Any, worker: Any) -> None:  # noqa: ARG001 - gunicorn's signature
    """Open the tracer in a worker whose arbiter could not do it (see gunicorn_config)."""
    guard.call("the tracer could not be opened in a gunicorn worker", tracer.get)


def worker_exit(server: Any, worker: Any) -> None:  # noqa: ARG001 - gunicorn's signature
    """Send the worker's last spans. The arbiter calls this too, for a worker that is gone; that is not ours."""
    if worker.pid == os.getpid():
        guard.call("a gunicorn worker's last spans could not be sent", tracer.shutdown)
