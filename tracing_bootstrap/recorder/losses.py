"""How many spans were lost, by cause, in all and since it was last reported."""

from __future__ import annotations

import _thread

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping


class Losses:
    """Counters that requests and the exporter's thread both write."""

    __slots__ = ("_lock", "_total", "_unreported")

    def __init__(self) -> None:
        self._total: dict[str, int] = {}
        self._unreported: dict[str, int] = {}
        self._lock: _thread.RLock | None = None

    def add(self, cause: str, count: int) -> bool:
        """Count lost spans; return whether they are the first of their cause."""
        with self._locked():
            first = cause not in self._total
            self._total[cause] = self._total.get(cause, 0) + count
            self._unreported[cause] = self._unreported.get(cause, 0) + count
            return first

    def total(self) -> Mapping[str, int]:
        """Everything lost, by cause."""
        return dict(self._total)

    def unreported(self) -> Mapping[str, int]:
        """What no delivered batch has carried yet, by cause."""
        return dict(self._unreported)

    def delivered(self, reported: Mapping[str, int]) -> None:
        """Take off what a batch, now delivered, has carried."""
        if not reported:
            return
        with self._locked():
            for cause, count in reported.items():
                left = self._unreported.get(cause, 0) - count
                if left > 0:
                    self._unreported[cause] = left
                else:
                    self._unreported.pop(cause, None)

    def _locked(self) -> _thread.RLock:
        """Return the lock: re-entrant, since a signal handler may lose a span while its thread counts one.

        Made at the first loss, and so after any monkey-patch: eventlet complains on stderr of older ones.
        """
        if self._lock is None:
            self._lock = _thread.RLock()
        return self._lock
