"""What did services say to the outside, so far?"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from buildkit.values.call import Call, Contact

_LONGEST_VALUE = 8192  # characters of a header


class CallLog:
    """The calls that arrived, the connections that were none, the names looked up: oldest first; thread-safe."""

    def __init__(self, *, limit: int = 10_000) -> None:
        self._calls: list[Call] = []
        self._contacts: list[Contact] = []
        self._names: dict[str, None] = {}
        self._lock = threading.Lock()
        self._limit = limit

    def add(self, call: Call) -> None:
        with self._lock:
            if len(self._calls) < self._limit:
                self._calls.append(call)

    def add_contact(self, contact: Contact) -> None:
        with self._lock:
            if len(self._contacts) < self._limit:
                self._contacts.append(contact)

    def add_name(self, name: str) -> None:
        with self._lock:
            if len(self._names) < self._limit:
                self._names[name] = None

    def calls(self) -> tuple[Call, ...]:
        with self._lock:
            return tuple(self._calls)

    def contacts(self) -> tuple[Contact, ...]:
        with self._lock:
            return tuple(self._contacts)

    def names(self) -> tuple[str, ...]:
        """Each name once, in the order of their first look-ups."""
        with self._lock:
            return tuple(self._names)


def header_fields(items: Iterable[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    """Headers as a Call has them: names in lower case, values of a bounded length."""
    return tuple((name.lower(), value[:_LONGEST_VALUE]) for name, value in items)
