"""How are many shapes run, several at a time, each traced and untraced side by side?"""

import dataclasses
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import docker.errors
import requests.exceptions

from buildkit.values.errors import BuildkitError
from tests.shapes import judging, side
from tests.shapes.errors import NotRunnable
from tests.shapes.row import Row

JOBS = 3
#: How often an end that took too long is measured again.
MEASURED_AGAIN = 3


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
        """The machine has other work, which only ever adds time: the quickest end of several is the true one."""
        ends = {"traced": [], "untraced": []}
        for _ in range(1 + MEASURED_AGAIN):
            traced, bare = self._both(row)
            ends["traced"].append(traced.service.seconds)
            ends["untraced"].append(bare.service.seconds)
            verdict = judging.judge(
                row, _ending(traced, min(ends["traced"])), _ending(bare, min(ends["untraced"]))
            )
            if verdict.green or verdict.quick:
                break
        return verdict

    def _both(self, row):
        """Both sides at once; what stops one is told for both."""
        # The venv and the image are made before, once.
        self._stage.venvs.volume(row.requirements, base=self._stage.images.base(row.python))
        self._stage.images.app(row)
        found = {}

        def run_side(name, *, traced):
            try:
                found[name] = side.run(row, stage=self._stage, traced=traced)
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
