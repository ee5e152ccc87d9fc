"""The context that goes into the processes of multiprocessing, and into the work of its pools.

A Process carries the context in which it was started: by its memory where it is forked, else in the pickled process
object. The work of a pool carries its own (carried.py), and its worker processes have none besides.
"""

from __future__ import annotations

from tracing_bootstrap.instrumentation.concurrency.carried import Carried, headers_of, set_from
from tracing_bootstrap.instrumentation.patching import after, before, changed, finally_
from tracing_bootstrap.recorder.context import current

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_CONTEXT = "_tracing_context"
_POOL_CAUSE = "a process pool's work could not carry its context"


def patch_process(module: Any) -> None:
    """Let processes go on in the context that started them (multiprocessing.process.BaseProcess)."""
    cause = "a process could not go on in the context that started it"
    process = module.BaseProcess
    before(process, "start", cause, _starts)
    finally_(process, "start", cause, _started)
    before(process, "_bootstrap", cause, _begins)


def _starts(process: Any) -> None:
    carried = headers_of(current.get())
    if carried is not None:
        # Plain values: a child without us unpickles them and knows nothing of them.
        process.__dict__[_CONTEXT] = carried


def _started(process: Any) -> None:
    process.__dict__.pop(_CONTEXT, None)


def _begins(process: Any, *_args: Any, **_kwargs: Any) -> None:
    carried = process.__dict__.pop(_CONTEXT, None)
    if carried is not None and current.get() is None:
        set_from(carried)


def patch_pool(module: Any) -> None:
    """Have each piece of a Pool's work done in the context in which it was handed in (multiprocessing.pool)."""
    changed(module.Pool, "apply_async", _POOL_CAUSE, _with_context)
    changed(module.Pool, "_guarded_task_generation", _POOL_CAUSE, _batch_with_context)
    before(module, "worker", _POOL_CAUSE, _forget)
    after(module.ThreadPool, "_setup_queues", _POOL_CAUSE, _unpack)


def patch_futures(module: Any) -> None:
    """Do the same with a ProcessPoolExecutor's work (concurrent.futures.process)."""
    after(module._WorkItem, "__init__", _POOL_CAUSE, _submitted)
    before(module, "_process_worker", _POOL_CAUSE, _forget)


def _with_context(args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[tuple[Any, ...], dict[str, Any]]:
    if "func" in kwargs:
        return args, {**kwargs, "func": Carried(kwargs["func"])}
    pool, function, *more = args
    return (pool, Carried(function), *more), kwargs


def _batch_with_context(
    args: tuple[Any, ...], kwargs: dict[str, Any]
) -> tuple[tuple[Any, ...], dict[str, Any]]:
    pool, job, function, iterable = args
    return (pool, job, Carried(function), iterable), kwargs


def _submitted(_result: None, item: Any, *_args: Any) -> None:
    item.fn = Carried(item.fn)


def _forget(*_args: Any, **_kwargs: Any) -> None:
    """Drop the context in which a worker happened to be started."""
    current.set(None)


def _unpack(_result: None, pool: Any) -> None:
    pool._inqueue = _Unpacking(pool._inqueue)


class _Unpacking:
    """A ThreadPool's queue of work, which is not pickled: the thread that fetches a piece takes its context up."""

    def __init__(self, queue: Any) -> None:
        self._queue = queue

    def __getattr__(self, name: str) -> Any:
        return getattr(self._queue, name)

    def get(self, *args: Any, **kwargs: Any) -> Any:
        """Get a piece of work; a worker waits without arguments, others only look."""
        task = self._queue.get(*args, **kwargs)
        if args or kwargs:
            return task
        current.set(None)
        if isinstance(task, tuple) and len(task) > 2 and isinstance(task[2], Carried):
            carried = task[2]
            current.set(carried.context)
            task = (*task[:2], carried.function, *task[3:])
        return task
