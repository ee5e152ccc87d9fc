"""How are many shapes run, several at a time, each traced and untraced side by side?"""

import dataclasses
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import docker.errors
import requests.exceptions

from buildkit.values.errors import BuildkitError
from tests.shapes import judging, side
from tests.shapes.errors import NotRunnable
from tests.shapes.row import Row

JOBS = 3
#: How often an end that took too long is measured again, with nothing else of ours running.
MEASURED_AGAIN = 4
#: How often a red row is run again before it is red.
RUN_AGAIN = 2


@dataclasses.dataclass(frozen=True)
class Result:
    """A row, what became of it, and how many seconds that took."""

    row: Row
    verdict: judging.Verdict
    seconds: float = 0.0


def chosen(rows, only=()):
    """The rows with one of these texts in their "group/name"; no text: all."""
    return tuple(row for row in rows if not only or any(text in full_name(row) for text in only))


def full_name(row):
    return f"{row.group}/{row.name}"


class Runner:
    """Runs rows on a stage, `jobs` at a time, from `with` to its end."""

    def __init__(self, stage, *, jobs=JOBS):
        self._stage = stage
        self._pool = ThreadPoolExecutor(jobs, thread_name_prefix="shape")
        self._turns = Turns()

    def __enter__(self):
        return self

    def __exit__(self, *exc_info):
        if exc_info[0] is not None:
            self._stage.remove_containers()  # what waits for one of them stops waiting
        self._pool.shutdown(wait=True, cancel_futures=True)

    def start(self, row):
        """The future of its result."""
        return self._pool.submit(self._run, row)

    def _run(self, row):
        began = time.monotonic()
        try:
            verdict = self._judge(row)
        except (NotRunnable, BuildkitError) as error:
            verdict = judging.Verdict(behaviour="not run", reasons=(str(error),))
        except (docker.errors.DockerException, requests.exceptions.RequestException, OSError) as error:
            verdict = judging.Verdict(behaviour="not run", reasons=(f"{type(error).__name__}: {error}",))
        return Result(row, verdict, time.monotonic() - began)

    def _judge(self, row):
        """A red row is run again: servers have races of their own, on either side. Green then, it says so."""
        first = verdict = self._judge_once(row)
        for _ in range(RUN_AGAIN):
            if verdict.green:
                break
            verdict = self._judge_once(row)
        if first.green or not verdict.green:
            return first
        return dataclasses.replace(verdict, unsteady=first.reasons)

    def _judge_once(self, row):
        """The machine has other work, which only ever adds time, to either side: the quickest end of several is the
        true one, and how far the untraced ones lie apart is what nobody can tell from noise.
        """
        # Installing and building take part in nobody's measurements: they are done before.
        self._stage.venvs.volume(row.requirements, base=self._stage.images.base(row.python))
        self._stage.images.app(row)
        with self._turns.together():
            traced, bare = _both(row, self._stage)
        ends = {"traced": traced.service.seconds, "untraced": bare.service.seconds}
        verdict = judging.judge(row, traced, bare)
        for _ in range(MEASURED_AGAIN):
            if verdict.green or verdict.quick:
                break
            with self._turns.alone():
                traced = side.run(row, stage=self._stage, traced=True)
                bare = side.run(row, stage=self._stage, traced=False)
            ends["traced"] = min(ends["traced"], traced.service.seconds)
            ends["untraced"] = max(ends["untraced"], bare.service.seconds)
            verdict = judging.judge(row, _ending(traced, ends["traced"]), _ending(bare, ends["untraced"]))
        return verdict


class Turns:
    """Many rows at a time, or one alone, which is not kept waiting by those that come after it."""

    def __init__(self):
        self._changed = threading.Condition()
        self._running = 0
        self._waiting = 0

    @contextmanager
    def together(self):
        with self._changed:
            self._changed.wait_for(lambda: self._waiting == 0)
            self._running += 1
        try:
            yield
        finally:
            with self._changed:
                self._running -= 1
                self._changed.notify_all()

    @contextmanager
    def alone(self):
        with self._changed:
            self._waiting += 1
            self._changed.wait_for(lambda: self._running == 0)
            self._running += 1
        try:
            yield
        finally:
            with self._changed:
                self._waiting -= 1
                self._running -= 1
                self._changed.notify_all()


def _both(row, stage):
    """Both sides at once; what stops one is told for both."""
    found = {}

    def run_side(name, *, traced):
        try:
            found[name] = side.run(row, stage=stage, traced=traced)
        except Exception as error:  # noqa: BLE001 - raised again below, in the row's own thread
            found[name] = error

    other = threading.Thread(target=run_side, args=("untraced",), kwargs={"traced": False})
    other.start()
    run_side("traced", traced=True)
    other.join()
    for name, outcome in found.items():
        if isinstance(outcome, NotRunnable):
            raise NotRunnable(f"{name}: {outcome}")
        if isinstance(outcome, Exception):
            raise outcome
    return found["traced"], found["untraced"]


def _ending(outcome, seconds):
    return dataclasses.replace(outcome, service=dataclasses.replace(outcome.service, seconds=seconds))
