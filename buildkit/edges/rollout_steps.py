"""Carry one service through its steps, each in the journal before and after it is done."""

from __future__ import annotations

import threading
import time
from contextlib import contextmanager, nullcontext
from typing import TYPE_CHECKING, assert_never

from buildkit.decisions.next_step import Do, Step, next_step
from buildkit.edges import commands
from buildkit.values.errors import BuildkitError, Busy, OutOfDisk, RegistryError, TagMoved, Unsettled
from buildkit.values.plan import Action
from buildkit.values.rollout import Event

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager

    from buildkit.edges.journal import Journal
    from buildkit.edges.rollout_parts import Parts, Proof
    from buildkit.values.fleet import Budgets, ServiceEntry
    from buildkit.values.plan import PlannedService
    from buildkit.values.rollout import Progress

# These end the whole rollout, whichever service they meet.
FATAL = (OutOfDisk, Busy, Unsettled)


class Steps:
    """Does the steps of services, several at once.

    Args:
        parts: who does them.
        journal: where they are noted.
        budgets: how many builds and verifications may run at once.
        stopped: set when no further tag may move.
        tell: is told a service's name and what is being done with it.
    """

    def __init__(
        self,
        parts: Parts,
        *,
        journal: Journal,
        budgets: Budgets,
        stopped: threading.Event,
        tell: Callable[[str, str], None],
    ) -> None:
        self._parts = parts
        self._journal = journal
        self._stopped = stopped
        self._tell = tell
        self._builds = threading.BoundedSemaphore(budgets.builds)
        self._verifications = threading.BoundedSemaphore(budgets.verifications)

    def carry(self, service: PlannedService) -> Progress:
        """Do all the steps that are left; a stop leaves it where it is, never between a tag's move and its note.

        Raises:
            OutOfDisk, Busy, Unsettled: what ends the whole rollout. All else is this service's failure, and is noted.
        """
        now = self._now(service)
        while not self._stopped.is_set():
            step = next_step(service, now=now, seals=self._parts.sealer is not None)
            if step is None:
                break
            now = self._do(step, service, now)
        return now

    def _now(self, service: PlannedService) -> Progress:
        state = self._journal.state
        assert state is not None
        return state.services[service.name]

    def _do(self, step: Step, service: PlannedService, now: Progress) -> Progress:
        entry = self._parts.entries[service.name]
        try:
            match step.do:
                case Do.MAKE:
                    self._make(service, entry, step)
                case Do.VERIFY:
                    self._verify(service, entry, now)
                case Do.SEAL:
                    self._seal(service, entry, now)
                case Do.MOVE:
                    self._move(service, entry, now, again=step.again)
                case Do.KEEP:
                    self._note(Event.KEPT, service)
                case Do.FAIL:
                    self._note(Event.FAILED, service, cause=now.cause, hint=now.hint, counted=now.counted)
                case _:
                    assert_never(step.do)
        except FATAL:
            raise
        except (BuildkitError, OSError) as error:  # the engine's refusals are OSErrors
            failure = error if isinstance(error, BuildkitError) else commands.from_system(error)
            self._note(Event.FAILED, service, cause=failure.message, hint=failure.hint, counted=True)
        return self._now(service)

    def _make(self, service: PlannedService, entry: ServiceEntry, step: Step) -> None:
        how = step.how
        budget: AbstractContextManager[object] = self._builds if how is Action.REBUILD else nullcontext()
        with self._turn(budget, service, f"waits for its {how}") as go:
            if not go:
                return
            self._tell(service.name, str(how))
            started = time.monotonic()
            self._note(Event.MAKING, service, how=str(how))
            try:
                made = self._parts.mover.make(service, entry=entry, how=how)
            except FATAL:
                raise
            except BuildkitError as error:
                self._note(
                    Event.NOT_MADE,
                    service,
                    cause=error.message,
                    hint=error.hint,
                    seconds=_since(started),
                    counted=True,
                )
                return
            self._note(
                Event.MADE,
                service,
                digest=made.digest,
                notes=list(made.notes),
                seconds=_since(started),
                how=str(how),
            )

    def _verify(self, service: PlannedService, entry: ServiceEntry, now: Progress) -> None:
        with self._turn(self._verifications, service, "waits for its verification") as go:
            if not go:
                return
            self._tell(service.name, "verify")
            started = time.monotonic()
            self._note(Event.VERIFYING, service, digest=now.digest)
            verifier = self._parts.verifier
            proof = verifier.verify(now.digest, entry=entry)
            before = self._before(service, entry, proof)
            counted = before is None or before.passed or proof.passed
            self._note(
                Event.VERIFIED,
                service,
                digest=now.digest,
                passed=proof.passed,
                attestation=proof.attestation,
                cause=_cause(proof, counted=counted),
                hint=proof.hint,
                counted=counted,
                proven_before=None if before is None else before.passed and before.proven,
                proven=proof.passed and proof.proven,
                seconds=_since(started),
            )

    def _before(self, service: PlannedService, entry: ServiceEntry, proof: Proof) -> Proof | None:
        """What is known of the present image; after a failure, is it the new base's, or was it there before?"""
        verifier = self._parts.verifier
        known = verifier.known(service.digest, entry=entry)
        if known is not None or proof.passed:
            return known
        try:
            return verifier.verify(service.digest, entry=entry)
        except FATAL:
            raise
        except BuildkitError:  # then it is not known, and the failure counts
            return None

    def _seal(self, service: PlannedService, entry: ServiceEntry, now: Progress) -> None:
        sealer = self._parts.sealer
        assert sealer is not None
        self._tell(service.name, "seal")
        started = time.monotonic()
        self._note(Event.SEALING, service, digest=now.digest)
        sealer.seal(service, entry=entry, digest=now.digest, how=now.how or service.action)
        self._note(Event.SEALED, service, digest=now.digest, seconds=_since(started))

    def _move(self, service: PlannedService, entry: ServiceEntry, now: Progress, *, again: bool) -> None:
        self._tell(service.name, "move its tag")
        self._parts.guard.check()
        tags = self._parts.tags
        if again and tags.current(entry) == now.digest:
            self._note(Event.MOVED, service, digest=now.digest)
            return
        started = time.monotonic()
        if not again:
            self._note(Event.MOVING, service, before=service.digest, digest=now.digest)
        try:
            tags.move(entry, to=now.digest, expected=service.digest)
        except TagMoved as error:
            hint = error.hint or "somebody pushed it meanwhile: the next rollout looks at it anew"
            self._note(Event.FAILED, service, cause=error.message, hint=hint, counted=False)
            return
        except RegistryError as error:
            if not self._arrived(entry, to=now.digest, error=error):
                raise
        self._note(Event.MOVED, service, digest=now.digest, seconds=_since(started))

    def _arrived(self, entry: ServiceEntry, *, to: str, error: RegistryError) -> bool:
        """Whether a move that failed was done all the same: its answer may have been lost."""
        try:
            return self._parts.tags.current(entry) == to
        except RegistryError:
            raise Unsettled(
                f"moving {entry.image} failed ({error.message}), and so does looking at it",
                hint="when the registry answers again, `rollout --resume` looks where the tag is and goes on",
            ) from None

    @contextmanager
    def _turn(
        self, budget: AbstractContextManager[object], service: PlannedService, what: str
    ) -> Iterator[bool]:
        """Wait for a place; False if the rollout was stopped meanwhile."""
        self._tell(service.name, what)
        with budget:
            yield not self._stopped.is_set()

    def _note(self, event: Event, service: PlannedService, **fields: object) -> None:
        self._journal.append(event, service=service.name, **fields)


def _cause(proof: Proof, *, counted: bool) -> str:
    if proof.passed or counted:
        return proof.cause
    return f"{proof.cause} (on its present base, too)"


def _since(started: float) -> float:
    return round(time.monotonic() - started, 3)
