"""RQ: a span for each job that is enqueued, and one for each that a worker performs.

The trace travels in a field of its own of the job's hash in Redis, beside RQ's: neither the job's arguments nor its
`meta` are touched, and an RQ that is not traced does not look at it.
"""

from __future__ import annotations

from tracing_bootstrap.instrumentation.patching import after, around, before
from tracing_bootstrap.instrumentation.queues import messaging
from tracing_bootstrap.instrumentation.queues.messaging_span import ConsumerSpan, text
from tracing_bootstrap.recorder.context import current_span

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from tracing_bootstrap.instrumentation.queues.messaging_span import MessageSpan

_SYSTEM = "rq"
_SENDING = "an RQ job that was enqueued could not be traced"
_RUNNING = "an RQ job could not be traced"

#: Of a job's hash.
_FIELD = "tracing_headers"

#: Of a job that waits for another, or for its time: it is enqueued a second time then, and has its headers already.
_WAITING = ("deferred", "scheduled")


def patch_job(module: Any) -> None:
    """Keep a job's trace headers with it (rq.job)."""
    module.Job.tracing_headers = None
    after(module.Job, "to_dict", _SENDING, _write)
    after(module.Job, "restore", _RUNNING, _read)


def _write(fields: dict[str, Any], job: Any, *_args: Any) -> None:
    if job.tracing_headers:
        fields[_FIELD] = "\n".join(f"{name}: {value}" for name, value in job.tracing_headers.items())


def _read(_result: Any, job: Any, raw: dict[Any, Any]) -> None:
    found = text(raw.get(_FIELD.encode()) or raw.get(_FIELD))
    lines = [line.partition(": ") for line in found.splitlines()]
    job.tracing_headers = {name: value for name, _, value in lines} or None


def patch_queue(module: Any) -> None:
    """Begin a span where a job is enqueued or scheduled (rq.queue)."""
    for name in ("enqueue_job", "_enqueue_job", "schedule_job"):
        if name in vars(module.Queue):
            around(module.Queue, name, _SENDING, _send, messaging.end_entered)


def _send(queue: Any, job: Any, *_args: Any) -> MessageSpan | None:
    # A queue without workers performs the job at once: there is no message.
    if not queue._is_async or messaging.is_producing():
        return None
    if (
        job.tracing_headers
        and str(job.get_status(refresh=False) or "").rpartition(".")[2].lower() in _WAITING
    ):
        return None
    span = messaging.produce(_SYSTEM, queue.name, subject=_subject(job))
    span.message_id = job.id
    job.tracing_headers = dict(messaging.headers(span, ()))
    messaging.enter(span)
    return span


def _subject(job: Any) -> str:
    return job.func_name or ""


def patch_worker(module: Any) -> None:
    """Follow a worker's jobs (rq.worker.base of RQ 3, rq.worker before it)."""
    for name in ("BaseWorker", "Worker"):
        worker = getattr(module, name, None)
        if worker is not None and "perform_job" in vars(worker):
            around(worker, "perform_job", _RUNNING, _begin, messaging.end_entered)
        if worker is not None and "handle_exception" in vars(worker):
            before(worker, "handle_exception", _RUNNING, _failed)


def _begin(_worker: Any, job: Any, queue: Any, *_args: Any) -> ConsumerSpan:
    span = messaging.consume(_SYSTEM, queue.name, (job.tracing_headers or {}).get, subject=_subject(job))
    span.message_id = job.id
    messaging.enter(span)
    return span


def _failed(_worker: Any, _job: Any, _kind: Any = None, exc: Any = None, *_args: Any) -> None:
    span = current_span()
    if isinstance(span, ConsumerSpan) and isinstance(exc, BaseException):
        span.fail(exc)
