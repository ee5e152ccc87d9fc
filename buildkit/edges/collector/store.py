"""Which spans have arrived, and have the ones that somebody waits for?"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from buildkit.values.span import Span

Spans = tuple["Span", ...]


class SpanStore:
    """The spans that arrived, oldest first; threads may add, read and wait at once.

    Holds at most `limit` spans; what comes after is counted in `refused`, so that a service gone wild
    does not fill the memory of the machine that looks at it.
    """

    def __init__(self, *, limit: int = 200_000) -> None:
        self._spans: list[Span] = []
        self._changed = threading.Condition()
        self._limit = limit
        self.refused = 0

    def add(self, spans: Iterable[Span]) -> None:
        with self._changed:
            for span in spans:
                if len(self._spans) < self._limit:
                    self._spans.append(span)
                else:
                    self.refused += 1
            self._changed.notify_all()

    def wake(self) -> None:
        """Let all waiters look again, because something other than the spans has changed."""
        with self._changed:
            self._changed.notify_all()

    def spans(self) -> Spans:
        with self._changed:
            return tuple(self._spans)

    def wait_for(self, wanted: Callable[[Spans], bool], *, timeout: float) -> bool:
        """Wait until `wanted(spans)` holds.

        Args:
            wanted: asked at once, and again after each arrival and each `wake()`.
            timeout: seconds.

        Returns:
            What `wanted` said last.
        """
        with self._changed:
            return self._changed.wait_for(lambda: wanted(tuple(self._spans)), timeout)
