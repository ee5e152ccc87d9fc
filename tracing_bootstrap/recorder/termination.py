"""How do the last spans leave a process that a signal kills?

Python runs no exit handler when a signal kills, and a handler of Python's own runs in the main thread only, between
two instructions: in a main thread that waits in a library's C code it never comes, and a process which SIGTERM has
always killed would hang. So `faulthandler` takes the signal, in C, whatever the threads are doing: its handler
writes into a pipe, a thread of ours reads that, sends what is queued, and sends the signal again with its default.

Only a signal that nobody handles is taken. The service does not see it: `signal.getsignal` goes on answering
SIG_DFL, and a handler that is set later simply takes the place of ours.
"""

from __future__ import annotations

import _signal
import _thread
import os
from time import monotonic, sleep

from tracing_bootstrap import guard

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

#: SIGQUIT is what `STOPSIGNAL SIGQUIT` sends. SIGINT raises KeyboardInterrupt, and so ends a process in good order.
SIGNALS = {_signal.SIGTERM: "SIGTERM", _signal.SIGQUIT: "SIGQUIT"}

_INIT = 1

# For how long a fork waits for a thread of ours to be gone, in seconds; it takes some ten microseconds.
_GONE_SECONDS = 0.02

_LONGEST_DUMP = 65_536


class _Watch:
    """The pipes that faulthandler writes into, one a signal, and the thread that reads them."""

    __slots__ = ("files", "pid", "readers", "thread", "writers")

    def __init__(self) -> None:
        self.pid = os.getpid()
        self.thread = 0
        self.readers: dict[int, int] = {}
        self.writers: dict[int, int] = {}
        #: What each descriptor was when it was ours: a service may have closed it, and opened its own in its place.
        self.files: dict[int, tuple[int, int]] = {}

    def open(self, signum: int) -> int:
        """Make a signal's pipe and return the end to write to, which never blocks: it is written in a handler."""
        reader, writer = os.pipe()
        os.set_blocking(writer, False)
        self.readers[reader] = signum
        self.writers[signum] = writer
        for descriptor in (reader, writer):
            self.files[descriptor] = _identity(descriptor)
        return writer

    def close(self, descriptors: list[int]) -> None:
        for descriptor in descriptors:
            try:
                if _identity(descriptor) == self.files.get(descriptor):
                    os.close(descriptor)
            except OSError:
                # The service has closed it.
                continue


_watch: _Watch | None = None
_masks: dict[int, set[int]] = {}

#: What sends the last spans before the process dies, and what sends them where it lives on. `ending` sets them.
last_words: Callable[[str], object] | None = None
words: Callable[[], object] | None = None


def take() -> None:
    """Have the last spans sent before SIGTERM or SIGQUIT kills, where nobody handles them; else do nothing.

    As often as you like and from any thread. Not under gevent and eventlet, where no thread is one of its own.
    """
    global _watch
    if not isinstance(_thread.start_new_thread, type(len)):
        return
    wanted = [number for number in SIGNALS if _signal.getsignal(number) == _signal.SIG_DFL]
    caught = _caught_by_c() if wanted else 0
    wanted = [number for number in wanted if not caught >> (number - 1) & 1]
    if not wanted:
        return
    import faulthandler

    watch = _watch
    if watch is None or watch.pid != os.getpid():
        watch = _Watch()
        for number in SIGNALS:
            watch.open(number)
        try:
            start_thread(_read, watch, _poll(watch))
        except RuntimeError:
            # No thread can be started (any more): the signals go on killing at once.
            watch.close(list(watch.files))
            return
        _watch = watch
    for number in wanted:
        # What faulthandler believes to have registered, a handler of the service's may have replaced and given up.
        faulthandler.unregister(number)
        faulthandler.register(number, file=watch.writers[number], all_threads=False, chain=False)


def leave() -> int:
    """Let the signals kill at once again; return the id of the thread that ends for it, 0 where there is none."""
    global _watch
    watch, _watch = _watch, None
    if watch is None or watch.pid != os.getpid():
        return 0
    _give_back()
    watch.close(list(watch.writers.values()))
    return watch.thread


def before_fork() -> None:
    """Hold the signals back in the thread that forks, until its child has given them their default action.

    The child inherits our handler, and with it the pipe to its parent's thread: terminated a moment after its
    start, it would kill its parent instead of itself.
    """
    if _watch is not None:
        _masks[_thread.get_ident()] = _signal.pthread_sigmask(_signal.SIG_BLOCK, SIGNALS)


def after_fork_in_parent() -> None:
    """Let the signals through again."""
    mask = _masks.pop(_thread.get_ident(), None)
    if mask is not None:
        _signal.pthread_sigmask(_signal.SIG_SETMASK, mask)


def after_fork_in_child() -> None:
    """Let the signals kill the child; its own first span has them taken again."""
    global _watch
    watch, _watch = _watch, None
    if watch is not None:
        _give_back()
        watch.close(list(watch.files))
    after_fork_in_parent()
    _masks.clear()


def wait_until_gone(thread: int) -> None:
    """Wait until a thread that ends is no thread of this process any more, for 20 ms at most."""
    until = monotonic() + _GONE_SECONDS
    while os.path.exists(f"/proc/self/task/{thread}") and monotonic() < until:
        sleep(0.00005)


def start_thread(run: Callable[..., object], *args: object) -> None:
    """Start a thread in which every signal is blocked, from its first instant on.

    A signal that it took would be lost to the thread that waits for it: the main one would go on sleeping, and a
    service that blocks SIGTERM to fetch it with sigwait would be killed. RuntimeError where none can be started.
    """
    start = _thread.start_new_thread
    if not isinstance(start, type(len)):
        # gevent's or eventlet's: the mask would be the service's own.
        start(run, args)
        return
    mask = _signal.pthread_sigmask(_signal.SIG_BLOCK, ())
    try:
        _signal.pthread_sigmask(_signal.SIG_BLOCK, _signal.valid_signals())
        start(run, args)
    finally:
        _signal.pthread_sigmask(_signal.SIG_SETMASK, mask)


def _read(watch: _Watch, poll: Callable[[], list[tuple[int, int]]]) -> None:
    """Wait for a signal, or for the end of a pipe (thread)."""
    watch.thread = _thread.get_native_id()
    while True:
        for reader, _ in poll():
            if not _was_written(reader) or not _die(watch.readers[reader]):
                _end(watch)
                return


def _was_written(reader: int) -> bool:
    try:
        return bool(os.read(reader, _LONGEST_DUMP))
    except OSError:
        # The service has closed this end too.
        return False


def _end(watch: _Watch) -> None:
    """Clean up: a pipe was closed, by us or by a service that closes all descriptors, or a signal did not kill."""
    global _watch
    if _watch is watch:
        _watch = None
        _give_back()
    watch.close(list(watch.files))


def _die(signum: int) -> bool:
    """Send what there is, and die of the signal; return whether the process lives on."""
    if os.getpid() == _INIT:
        # The kernel drops a signal for which the first process of a container has no handler: the service runs on.
        if words is not None:
            guard.call("spans could not be sent", words)
        return True
    # A second signal changes nothing until then: where the whole process group gets one, a supervisor sends its own
    # on top as soon as the first of its workers is gone (hypercorn), and that must not cost the others their spans.
    try:
        if last_words is not None:
            guard.call("the last spans could not be sent", last_words, SIGNALS[signum])
    finally:
        _give_back()
        os.kill(os.getpid(), signum)
    return False


def _give_back() -> None:
    import faulthandler

    for number in SIGNALS:
        # Where a handler of the service's took the place of ours it stays.
        if _signal.getsignal(number) == _signal.SIG_DFL:
            faulthandler.unregister(number)


def _poll(watch: _Watch) -> Callable[[], list[tuple[int, int]]]:
    import select

    poll = select.poll()
    for reader in watch.readers:
        poll.register(reader, select.POLLIN)
    return poll.poll


def _caught_by_c() -> int:
    """Return the mask of signals that have a handler, also one of a library's that Python does not know of."""
    try:
        with open("/proc/self/status", "rb") as file:
            status = file.read()
    except OSError:
        return 0
    return int(status.partition(b"\nSigCgt:")[2].split(None, 1)[0] or b"0", 16)


def _identity(descriptor: int) -> tuple[int, int]:
    status = os.fstat(descriptor)
    return status.st_dev, status.st_ino
