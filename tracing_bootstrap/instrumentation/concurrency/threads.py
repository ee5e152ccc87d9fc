"""The context that goes into threads: the one in which they were started, or in which their work was handed in.

A thread carries the context of what started it (threading.Thread, and with it Timer); the work of a
ThreadPoolExecutor, and so of `run_in_executor`, carries its own, and its worker threads have none besides. Where a
thread lives on long after its request it is on its own again (`recorder.tracer.is_stale`).
"""

from __future__ import annotations

import sys

from tracing_bootstrap.instrumentation.patching import after, before, finally_
from tracing_bootstrap.recorder.context import current

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

#: Python 3.14 runs a thread in a Context object: the service's, a copy of the starter's, or else an empty one.
_RUN_IN_CONTEXTS = sys.version_info >= (3, 14)

get_current = current.get
set_current = current.set


def patch_threading(module: Any) -> None:
    """Let threads go on in the context that started them (threading.Thread)."""
    cause = "a thread could not go on in the context that started it"
    module.Thread.tracing_context = None
    before(module.Thread, "start", cause, _starts)
    before(module.Thread, "_bootstrap_inner", cause, _begins)


def _starts(thread: Any) -> None:
    value = get_current()
    if value is None:
        return
    if not _RUN_IN_CONTEXTS:
        thread.tracing_context = value
    elif thread._context is None and not sys.flags.thread_inherit_context:  # type: ignore[attr-defined, unused-ignore]
        from contextvars import Context

        thread._context = Context()
        thread._context.run(set_current, value)


def _begins(thread: Any) -> None:
    value = thread.tracing_context
    if value is not None:
        # Not kept: a thread object often lives on.
        thread.tracing_context = None
        set_current(value)


def patch_futures(module: Any) -> None:
    """Run each piece of work in the context in which it was handed in (concurrent.futures.thread)."""
    cause = "a thread pool's work could not be run in its own context"
    item = module._WorkItem
    item.tracing_context = None
    after(item, "__init__", cause, _submitted)
    before(item, "run", cause, _runs)
    finally_(item, "run", cause, _has_run)


def _submitted(_result: None, item: Any, *_args: Any) -> None:
    value = get_current()
    if value is not None:
        item.tracing_context = value


def _runs(item: Any, *_args: Any) -> None:
    set_current(item.tracing_context)


def _has_run(_item: Any, *_args: Any) -> None:
    set_current(None)
