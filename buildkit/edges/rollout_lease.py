"""One rollout at a time among all machines, by a lease in the registry.

A registry knows neither transactions nor a clock that all agree on. So a lease is taken by writing and looking again
whether it stayed; it counts as alive as long as it *changes*, by the onlooker's own clock; and its owner looks at it
before each move of a tag. Two that take it in the same moment may both believe to have it until the next look. A tag
is moved only from the digest that the plan saw, so even then nobody's work is overwritten.
"""

from __future__ import annotations

import dataclasses
import getpass
import os
import socket
import threading
import time
from typing import TYPE_CHECKING, Self

from buildkit.decisions import lease_json, oci_json
from buildkit.edges import own_place
from buildkit.values.errors import Busy, RegistryError
from buildkit.values.lease import Lease
from buildkit.values.oci import OCI_EMPTY, OCI_MANIFEST

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

    from buildkit.edges.registry import Registry
    from buildkit.edges.rollout_scene import Scene

SECONDS = 45
SETTLE = 0.5  # longer than a write takes to arrive


class RegistryLease:
    """The right to roll out a fleet, for as long as the `with` block lasts. It is the rollout's Guard.

    Args:
        registry: where the base is.
        repository: the base's.
        name: the rollout's.
        seconds: after how many without a sign of life another one may take it.
        tell: is told why we wait.
    """

    def __init__(
        self,
        registry: Registry,
        *,
        repository: str,
        name: str,
        tell: Callable[[str], None],
        seconds: int = SECONDS,
        settle: float = SETTLE,
    ) -> None:
        self._registry = registry
        self._repository = repository
        self._tell = tell
        self._settle = settle
        self._lease = Lease(
            owner=f"{_user()} on {socket.gethostname()} (process {os.getpid()})",
            name=name,
            place=own_place.place(),
            process=own_place.own(),
            seconds=seconds,
        )
        self._digest = ""
        self._lock = threading.Lock()
        self._over = threading.Event()
        self._lost = ""
        self._sure = 0.0
        self._renewer = threading.Thread(target=self._renew, name="rollout-lease", daemon=True)

    @classmethod
    def of(cls, scene: Scene, *, name: str, tell: Callable[[str], None]) -> Self:
        """That of a fleet: it lies beside the base."""
        registry = scene.registries.documents(scene.fleet.registry).registry
        return cls(
            registry, repository=scene.fleet.base, name=name, tell=tell, seconds=SECONDS, settle=SETTLE
        )

    def __enter__(self) -> Self:
        """Take the lease.

        Raises:
            Busy: somebody else has it.
            RegistryError: the registry does not do what it must.
        """
        self._wait_until_free()
        empty = oci_json.digest(lease_json.EMPTY)
        if not self._registry.has_blob(self._repository, empty):
            self._registry.put_blob(self._repository, lease_json.EMPTY, media_type=OCI_EMPTY)
        self._put(self._lease)
        self._over.wait(self._settle)
        self._look()
        if self._lost:
            raise Busy(self._lost, hint="wait for its end")
        self._renewer.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Give it back, if it is still ours."""
        self._over.set()
        self._renewer.join()
        try:
            self._look()
            if not self._lost:
                self._put(Lease())
        except RegistryError as failure:
            self._tell(
                f"the lease could not be given back ({failure.message}): it ends in {self._lease.seconds} s"
            )

    def check(self) -> None:
        """Raise Busy if the lease is lost, or has not been seen to be ours for too long (a machine that slept)."""
        try:
            with self._lock:
                self._look()
        except RegistryError as error:
            if _now() - self._sure > self._lease.seconds / 2:
                raise Busy(
                    f"the rollout's lease cannot be looked at ({error.message})",
                    hint="when the registry answers again, go on with `rollout --resume`",
                ) from None
        if self._lost:
            raise Busy(self._lost, hint="when that has ended, go on with `rollout --resume`")

    def _wait_until_free(self) -> None:
        """Return when nobody has it; raise Busy as soon as somebody is seen to live."""
        found, lease = self._read()
        if lease.free:
            return
        if lease.place and lease.place == self._lease.place:
            if own_place.lives(lease.process):
                raise _busy(lease)
            self._tell(f"taking over from {lease.owner}, which has ended")
            return
        self._tell(f"{lease.owner} has the lease: is it alive? (at most {lease.seconds} s)")
        until = _now() + lease.seconds
        while _now() < until:
            self._over.wait(min(1.0, max(0.0, until - _now())))
            digest, now = self._read()
            if now.free:
                return
            if digest != found:
                raise _busy(now)
        self._tell(f"taking over from {lease.owner}, which gave no sign of life for {lease.seconds} s")

    def _read(self) -> tuple[str, Lease]:
        if self._registry.head(self._repository, lease_json.TAG) is None:
            return "", Lease()
        document = self._registry.get(self._repository, lease_json.TAG)
        return document.digest, lease_json.read(document)

    def _put(self, lease: Lease) -> None:
        raw = lease_json.written(lease)
        self._digest = self._registry.put(
            self._repository, raw, media_type=OCI_MANIFEST, version=lease_json.TAG
        )
        self._lease = lease if not lease.free else self._lease
        self._sure = _now()

    def _look(self) -> None:
        """Compare what is there with what we have put there last."""
        there = self._registry.head(self._repository, lease_json.TAG)
        if there is not None and there.digest == self._digest:
            self._sure = _now()
            return
        _, lease = self._read()
        self._lost = f"{lease.owner or 'somebody who has ended since'} has taken the rollout's lease over"

    def _renew(self) -> None:
        while not self._over.wait(self._lease.seconds / 3):
            try:
                with self._lock:
                    self._look()
                    if self._lost:
                        return
                    self._put(dataclasses.replace(self._lease, renewal=self._lease.renewal + 1))
            except RegistryError:
                """The next round tries again; `check` says when it has been too long."""


def _busy(lease: Lease) -> Busy:
    return Busy(f"{lease.owner} is rolling out on this base", hint="wait for its end")


def _now() -> float:
    """Seconds by a clock that never jumps, and that goes on while the machine sleeps."""
    return time.clock_gettime(time.CLOCK_BOOTTIME)


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a user id without a name
        return str(os.getuid())
