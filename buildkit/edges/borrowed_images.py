"""Which images does the engine hold only because we look at them?"""

from __future__ import annotations

import threading
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from docker.errors import APIError, ImageNotFound, NotFound

from buildkit.edges import images

if TYPE_CHECKING:
    from collections.abc import Iterator

    from docker import DockerClient

    from buildkit.edges.progress import Step
    from buildkit.values.oci import Reference
    from buildkit.values.service import ServiceImage


class BorrowedImages:
    """Images pulled by digest, and removed when nobody looks at them any more: a fleet's would fill the disk.

    Threads may share it. What the engine had before stays.
    """

    def __init__(self, client: DockerClient) -> None:
        self._client = client
        self._lock = threading.Lock()
        self._pulls: dict[str, threading.Lock] = {}
        self._users: dict[str, int] = {}
        self._ours: set[str] = set()

    @contextmanager
    def image(self, reference: Reference, *, step: Step) -> Iterator[ServiceImage]:
        """The image of a digest, pulled unless it is there.

        Raises:
            CommandFailed: the engine cannot pull it.
        """
        name = f"{reference.name}@{reference.digest}"
        with self._lock:
            self._users[name] = self._users.get(name, 0) + 1
            pull = self._pulls.setdefault(name, threading.Lock())
        try:
            with pull:
                found = self._have(name, step=step)
            yield found
        finally:
            with self._lock:
                self._users[name] -= 1
                if not self._users[name] and name in self._ours:
                    self._ours.discard(name)
                    with suppress(NotFound, APIError):  # in use by somebody else, or gone
                        self._client.images.remove(name)

    def _have(self, name: str, *, step: Step) -> ServiceImage:
        had = self._has(name)
        found = images.find(self._client, name, step=step)
        if not had:
            with self._lock:
                self._ours.add(name)
        return found

    def _has(self, name: str) -> bool:
        try:
            images.inspect(self._client, name)
        except ImageNotFound:
            return False
        return True
