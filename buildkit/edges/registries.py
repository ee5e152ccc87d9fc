"""All registries of a fleet: connected when they are first needed, and shared by all threads."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Self

from buildkit.edges.registry import Registry

if TYPE_CHECKING:
    from pathlib import Path
    from types import TracebackType


class Registries:
    """Registries by host. Most fleets have one.

    Args:
        budget: how many requests to one registry may be under way.
        ca_bundle: see Registry.connect.
    """

    def __init__(self, *, budget: int, ca_bundle: Path | None = None) -> None:
        self._budget = budget
        self._ca_bundle = ca_bundle
        self._lock = threading.Lock()
        self._known: dict[str, Registry] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for registry in self._known.values():
            registry.close()

    def at(self, host: str) -> Registry:
        """The registry of that name."""
        with self._lock:
            if host not in self._known:
                self._known[host] = Registry.connect(host, budget=self._budget, ca_bundle=self._ca_bundle)
            return self._known[host]
