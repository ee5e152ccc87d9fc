"""What somebody who waits gets to see: one line for each step, with its seconds."""

import shutil
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import TextIO

Tell = Callable[[str], None]
Step = Callable[[str], AbstractContextManager[Tell]]


@contextmanager
def step(name: str, *, stream: TextIO | None = None) -> Iterator[Tell]:
    """Show that a step runs, and how long it took when it is done.

    Args:
        name: What is being done.
        stream: Where to; standard error unless said otherwise, for standard output is for results.

    Yields:
        A function that shows a detail of the running step: on a terminal only, in the step's own line.
    """
    out = stream if stream is not None else sys.stderr
    live = out.isatty()
    started = time.monotonic()

    def show(text: str, *, end: str) -> None:
        if live:
            width = shutil.get_terminal_size().columns - 1
            out.write("\r\x1b[K" + text[:width] + end)
        elif end:
            out.write(text + end)
        out.flush()

    def tell(detail: str) -> None:
        show(f"  {name}: {detail} ({time.monotonic() - started:.0f} s)", end="")

    if live:
        show(f"  {name} ...", end="")
    try:
        yield tell
    except BaseException:
        show(f"  {name}: failed after {time.monotonic() - started:.1f} s", end="\n")
        raise
    show(f"  {name}: {time.monotonic() - started:.1f} s", end="\n")


@contextmanager
def silently(_name: str) -> Iterator[Tell]:
    """As `step`, for somebody who is not to be shown every step."""
    yield lambda _detail: None


def say(line: str) -> None:
    """One line of news, where steps are shown."""
    print(line, file=sys.stderr, flush=True)
