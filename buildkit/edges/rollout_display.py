"""What somebody who watches a rollout gets to see: a live display on a terminal, plain lines elsewhere."""

from __future__ import annotations

import sys
import threading
import time
from typing import TYPE_CHECKING, Protocol, Self

from rich.console import Console, Group
from rich.live import Live
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.text import Text

from buildkit.decisions.rollout_words import outcome_line, pace, wave_line

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import TracebackType
    from typing import TextIO

    from buildkit.values.plan import PlannedService
    from buildkit.values.reason import Reason
    from buildkit.values.rollout import Progress as ServiceProgress

_MOST_LINES = 12


class Display(Protocol):
    """Is told what goes on, from several threads."""

    def wave(self, number: int, *, services: Sequence[PlannedService], left: int) -> None:
        """A wave begins, of which `left` services are still to be moved."""

    def doing(self, name: str, what: str) -> None:
        """Something is being done with a service."""

    def ended(self, service: PlannedService, progress: ServiceProgress) -> None:
        """A service is through, or was left where it is."""

    def braked(self, number: int, why: Reason) -> None:
        """A wave was stopped."""

    def going_back(self, waves: Sequence[int], *, count: int) -> None:
        """Tags are put back."""

    def say(self, line: str) -> None:
        """One line of news."""


class Lines:
    """One line for each piece of news, on standard error: for pipes and logs.

    Args:
        total: how many services are to be moved.
        done: how many of them were before (in a rollout that goes on).
        stream: where to.
    """

    def __init__(self, *, total: int, done: int = 0, stream: TextIO | None = None) -> None:
        self._out = stream if stream is not None else sys.stderr
        self._total = total
        self._done = done
        self._before = done
        self._started = time.monotonic()
        self._lock = threading.Lock()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Nothing is left to be closed."""

    def wave(self, number: int, *, services: Sequence[PlannedService], left: int) -> None:
        self.say(wave_line(number, size=len(services), left=left))

    def doing(self, name: str, what: str) -> None:
        """Too much for a log."""

    def ended(self, service: PlannedService, progress: ServiceProgress) -> None:
        with self._lock:
            self._done += progress.ended
            rate = pace(self._done - self._before, seconds=self._seconds, left=self._total - self._done)
        line = outcome_line(service, progress)
        if line:
            self.say(f"  {line}  [{self._done}/{self._total}{', ' if rate else ''}{rate}]")

    def braked(self, number: int, why: Reason) -> None:
        self.say(f"wave {number} is braked: {why.text}; {why.hint}")

    def going_back(self, waves: Sequence[int], *, count: int) -> None:
        with self._lock:
            self._total, self._done, self._before, self._started = count, 0, 0, time.monotonic()
        named = ", ".join(map(str, waves))
        self.say(f"putting {count} tags of wave{'s' if len(waves) > 1 else ''} {named} back")

    def say(self, line: str) -> None:
        print(line, file=self._out, flush=True)

    @property
    def _seconds(self) -> float:
        return time.monotonic() - self._started


class Screen(Lines):
    """The same, with a bar, the pace, the time left, and what is being done right now."""

    def __init__(self, *, total: int, done: int = 0, stream: TextIO | None = None) -> None:
        super().__init__(total=total, done=done, stream=stream)
        self._console = Console(file=self._out, highlight=False)
        self._now: dict[str, str] = {}
        self._bar = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TextColumn("{task.fields[pace]}"),
            console=self._console,
        )
        self._task = self._bar.add_task("rollout", total=max(1, total), completed=done, pace="")
        self._live = Live(
            get_renderable=self._picture, console=self._console, refresh_per_second=4, transient=True
        )

    def __enter__(self) -> Self:
        self._live.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._live.stop()

    def wave(self, number: int, *, services: Sequence[PlannedService], left: int) -> None:
        super().wave(number, services=services, left=left)
        self._bar.update(self._task, description=f"wave {number}")

    def going_back(self, waves: Sequence[int], *, count: int) -> None:
        super().going_back(waves, count=count)
        self._bar.update(self._task, description="back", total=max(1, count), completed=0, pace="")

    def doing(self, name: str, what: str) -> None:
        with self._lock:
            self._now[name] = what

    def ended(self, service: PlannedService, progress: ServiceProgress) -> None:
        with self._lock:
            self._now.pop(service.name, None)
            self._done += progress.ended
            rate = pace(self._done - self._before, seconds=self._seconds, left=self._total - self._done)
        self._bar.update(self._task, completed=self._done, pace=rate)
        line = outcome_line(service, progress)
        if line:
            self.say(f"  {line}")

    def say(self, line: str) -> None:
        self._console.print(Text(line))

    def _picture(self) -> Group:
        with self._lock:
            now = list(self._now.items())
        lines = [Text(f"  {name}: {what}", "dim", no_wrap=True, overflow="ellipsis") for name, what in now]
        more = [Text(f"  and {len(lines) - _MOST_LINES} more", "dim")] if len(lines) > _MOST_LINES else []
        return Group(self._bar, *lines[:_MOST_LINES], *more)


def display(*, total: int, done: int = 0) -> Lines:
    """The one that fits standard error."""
    return (Screen if sys.stderr.isatty() else Lines)(total=total, done=done)


def tell(line: str) -> None:
    """One line of news before there is a display."""
    print(line, file=sys.stderr, flush=True)
