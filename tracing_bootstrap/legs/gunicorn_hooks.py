"""Leg (c): the gunicorn config's own hooks, for a gunicorn that neither of the other legs reached."""

from __future__ import annotations

from tracing_bootstrap import bootstrap
from tracing_bootstrap.instrumentation.servers.gunicorn_hooks import post_fork, worker_exit

bootstrap.arm("gunicorn")

__all__ = ["post_fork", "worker_exit"]
