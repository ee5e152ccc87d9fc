"""How ended spans leave the process: a bounded queue, one thread, and a flush that never waits too long.

`add` runs in a service's request, in its signal handlers and in its garbage collector. So nothing that it can
reach waits for a lock: the thread is woken by releasing one that it holds (a binary semaphore), which is
atomic. The `_thread` module is used and not `threading`, whose start and Event take locks of their own, which
services watch (threading.enumerate, settrace) and which gevent patches all the same.
"""

from __future__ import annotations

import _thread
import os
from collections import deque
from time import monotonic

from tracing_bootstrap import guard
from tracing_bootstrap.recorder import termination
from tracing_bootstrap.recorder.delivery import Delivery

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

    from tracing_bootstrap.recorder.delivery import Encode
    from tracing_bootstrap.settings import Settings

_getpid = os.getpid

# Of the time for the last spans, the part after which no try goes on.
_THREADS_SHARE = 0.8

# For how long a fork may wait for what is queued to be sent, in seconds; once for each try that gets no answer.
_FORK_SECONDS = 0.2


class _Flush:
    """Somebody who waits until what is queued now is delivered or known not to be, at most to a deadline."""

    __slots__ = ("_done", "deadline", "delivered")

    def __init__(self, deadline: float) -> None:
        self.deadline = deadline
        self.delivered = True
        self._done = _thread.allocate_lock()
        self._done.acquire()

    def wait(self) -> bool:
        return self._done.acquire(timeout=max(0.0, self.deadline - monotonic())) and self.delivered

    def settle(self) -> None:
        self._done.release()


class Pipeline:
    """Takes spans, sends them in batches from a thread of its own, and counts what is lost by cause.

    `encode` makes one request's payload of a batch of spans and of the losses that no delivered batch has
    reported yet. The thread starts at the first span that ends in a process; `opened` is called then.
    """

    __slots__ = (
        "_batch",
        "_delay_s",
        "_delivery",
        "_encode",
        "_flushes",
        "_hurry",
        "_in_flight",
        "_limit",
        "_opened",
        "_opening",
        "_pid",
        "_queue",
        "_resting",
        "_running",
        "_settings",
        "_sleep",
        "_thread",
        "_woken",
    )

    def __init__(
        self, settings: Settings, encode: Encode, *, opened: Callable[[], object] | None = None
    ) -> None:
        self._settings = settings
        self._encode = encode
        self._opened = opened
        self._batch = settings.bsp_max_export_batch_size
        self._delay_s = settings.bsp_schedule_delay_ms / 1000
        self._reset()

    def _reset(self) -> None:
        self._pid = 0
        self._limit = self._settings.bsp_max_queue_size
        self._queue: deque[Any] = deque()
        self._flushes: deque[_Flush] = deque()
        self._delivery = Delivery(self._settings, self._encode)
        # Only ever tried, so it may be older than a monkey-patch; `_sleep` is waited for, and so may not.
        self._opening = _thread.allocate_lock()
        self._sleep: _thread.LockType | None = None
        self._running = False
        # The thread's id, as the kernel knows it; and whether it is to end as soon as it has nothing to do.
        self._thread = 0
        self._resting = False
        self._in_flight = 0
        # The thread has been woken for a full batch and has not begun on it yet.
        self._woken = False
        # A flush has come in since the last attempt to send.
        self._hurry = False

    def add(self, span: Any) -> None:
        """Queue an ended span; drop it, counted, where the queue is full."""
        if _getpid() != self._pid:
            self._open()
        queue = self._queue
        waiting = len(queue)
        if waiting >= self._limit:
            self._drop()
            return
        queue.append(span)
        if waiting + 1 >= self._batch and not self._woken:
            self._wake()

    def flush(self, timeout_s: float) -> bool:
        """Send what is queued now; return whether it was delivered within `timeout_s` seconds.

        Returns early where it cannot be expected: no try that would end in time is left, or the one under way
        has been waiting for an answer that long already. So two flushes at a process's end cost it one.
        """
        if not self._is_open():
            return True
        now = monotonic()
        since = self._delivery.sending_since
        if self._running and since is not None and now - since > timeout_s * 0.9:
            return False
        deadline = now + timeout_s
        if not self._running and not self._start():
            # Python starts no thread any more at the end of the interpreter.
            return self._drain(give_up=deadline)
        flush = _Flush(deadline)
        self._flushes.append(flush)
        self._hurry = True
        self._wake()
        return flush.wait()

    def shutdown(self, timeout_s: float) -> bool:
        """Flush, count as lost what could not be sent, and end the thread; later spans are lost."""
        delivery = self._delivery
        if not self._is_open() or delivery.stop_at is not None:
            if self._pid == 0:
                # The thread went to rest, and left the connection for the next one.
                delivery.close()
            return True
        # The thread gives up a moment before we do: it then counts what it held, and nobody counts it again.
        delivery.stop_at = monotonic() + timeout_s * _THREADS_SHARE
        self._limit = 0
        delivered = self.flush(timeout_s)
        if left := len(self._queue) + self._in_flight:
            delivery.lose("shutdown", left, why=f"{delivery.endpoint} did not take the last ones in time")
        return delivered

    def rest(self) -> bool:
        """Send what is queued and end the thread, before a fork; the next span starts another.

        A process with threads is warned when it forks (Python 3.12 and later), and the service has none of its own
        perhaps. Returns whether there is none of ours now: a try that waits for its answer is not waited for long.
        """
        since = self._delivery.sending_since
        if self._pid != _getpid() or (since is not None and monotonic() - since > _FORK_SECONDS):
            return self._pid != _getpid()
        if (self._queue or self._in_flight) and not self.flush(_FORK_SECONDS):
            return False
        thread = self._thread
        if self._running and thread not in (0, _getpid()):
            self._resting = True
            self._wake()
            termination.wait_until_gone(thread)
            self._resting = False
        if self._running:
            return False
        self._pid = 0
        self._opening.release()
        if self._queue:
            # Another thread's span has just ended.
            self._open()
        return not self._running

    def after_fork_in_child(self) -> None:
        """Start clean in a fork's child: the parent sends its own spans, and its thread is not here."""
        parents = self._delivery
        self._reset()
        guard.call("the parent's connection could not be closed", parents.close)

    @property
    def losses(self) -> Mapping[str, int]:
        """Spans lost in this process, by cause."""
        return self._delivery.losses.total()

    @property
    def waiting(self) -> int:
        """Spans in the queue."""
        return len(self._queue)

    def _is_open(self) -> bool:
        """Whether a span has ended in this process, and the thread was not sent to rest since."""
        if self._pid == 0 and self._queue:
            self._open()
        return self._pid == _getpid()

    def _open(self) -> None:
        """Make this process's thread. Who comes second, or from within, goes on and queues its span."""
        if self._pid and self._pid != _getpid():
            # Forked in C (uwsgi), where os.register_at_fork does not reach.
            self.after_fork_in_child()
        if self._opening.acquire(blocking=False):
            self._sleep = _thread.allocate_lock()
            self._sleep.acquire()
            self._start()
            self._pid = _getpid()
            if self._opened is not None:
                guard.call("the end of this process could not be prepared", self._opened)

    def _drop(self) -> None:
        if self._delivery.stop_at is None:
            self._delivery.lose("queue_full", 1, why=f"{self._limit} wait already")
        else:
            self._delivery.lose("shutdown", 1, why="a span ended after the end")

    def _start(self) -> bool:
        assert self._sleep is not None
        try:
            self._running = True
            termination.start_thread(self._run, self._sleep, _getpid())
        except RuntimeError:
            # No more threads for this process, or none at its very end: a flush sends from its caller, a full
            # batch tries again, and what does not fit is counted. So there is nothing to say.
            self._running = False
        return self._running

    def _wake(self) -> None:
        sleep = self._sleep
        if self._pid != _getpid() or sleep is None or not (self._running or self._start()):
            return
        self._woken = True
        try:
            sleep.release()
        except RuntimeError:
            # It is awake already.
            return

    def _run(self, sleep: _thread.LockType, pid: int) -> None:
        self._thread = _thread.get_native_id()
        stopping = False
        try:
            while not stopping:
                if self._is_idle():
                    sleep.acquire(timeout=self._delay_s)
                if sleep is not self._sleep or pid != _getpid():
                    return
                if self._resting and self._is_idle():
                    return
                stopping = self._delivery.stop_at is not None
                guard.call("spans could not be exported", self._drain)
                if stopping:
                    self._delivery.close()
        finally:
            # Under a strict guard an error ends the thread; the next wake starts another.
            if sleep is self._sleep:
                self._running = False

    def _is_idle(self) -> bool:
        """Whether nothing came in, with a wake that a pause between two tries has used up."""
        return not self._flushes and self._delivery.stop_at is None and len(self._queue) < self._batch

    def _drain(self, *, give_up: float | None = None) -> bool:
        """Send what is queued now, in batches, and settle the flushes that wait for it."""
        self._woken = False
        flushes = list(self._flushes)
        left = len(self._queue)
        delivered = True
        while left > 0 and (spans := self._take(min(left, self._batch))):
            left -= len(spans)
            self._in_flight = len(spans)
            arrived = guard.call("a batch could not be sent", self._deliver, spans, give_up)
            if arrived is None:
                self._delivery.lose("internal_error", len(spans), why="a batch could not be sent")
            delivered = bool(arrived) and delivered
            self._in_flight = 0
        if self._delivery.stop_at is not None:
            # Before anybody goes on: at its end Python warns of a connection that is open.
            self._delivery.close()
        for flush in flushes:
            flush.delivered = delivered
            self._settle(flush)
        return delivered

    def _take(self, most: int) -> list[Any]:
        spans = []
        try:
            for _ in range(most):
                spans.append(self._queue.popleft())  # noqa: PERF401 - what was taken before an error counts
        except IndexError:
            pass
        return spans

    def _deliver(self, spans: list[Any], give_up: float | None) -> bool:
        self._hurry = False
        return self._delivery.deliver(spans, wait=self._pause, give_up=give_up)

    def _pause(self, seconds: float, asked_for: bool) -> None:  # noqa: FBT001 - a callback
        """Wait before another try; a new flush ends it, unless the collector asked for the wait."""
        until = monotonic() + seconds
        sleep = self._sleep
        while sleep is not None and (left := until - monotonic()) > 0 and (asked_for or not self._hurry):
            for flush in list(self._flushes):
                if flush.deadline <= until:
                    flush.delivered = False
                    self._settle(flush)
            if self._delivery.stop_at is not None and self._delivery.stop_at <= until:
                break
            sleep.acquire(timeout=left)
        self._hurry = False

    def _settle(self, flush: _Flush) -> None:
        try:
            self._flushes.remove(flush)
        except ValueError:
            # Settled in a pause already.
            return
        flush.settle()
