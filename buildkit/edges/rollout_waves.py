"""Carry a fleet through its waves, and stop where a brake says so."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor, as_completed
from typing import TYPE_CHECKING

from buildkit.decisions import brakes
from buildkit.edges import rollback
from buildkit.edges.rollout_steps import Steps
from buildkit.values.reason import Reason
from buildkit.values.rollout import Event, WaveState

if TYPE_CHECKING:
    from collections.abc import Sequence

    from buildkit.edges.journal import Journal
    from buildkit.edges.rollout_display import Display
    from buildkit.edges.rollout_parts import Parts
    from buildkit.values.fleet import Fleet
    from buildkit.values.plan import PlannedService
    from buildkit.values.rollout import Rollout

REGISTRY_WORKERS = 8  # services that are only being rebased: more of them would wait for each other


class Waves:
    """A rollout, from wherever its journal says that it is to its end.

    Args:
        fleet: brakes and budgets.
        parts: who does the work.
        journal: has the plan as its first line.
        display: is told what goes on.
    """

    def __init__(self, fleet: Fleet, *, parts: Parts, journal: Journal, display: Display) -> None:
        self._fleet = fleet
        self._parts = parts
        self._journal = journal
        self._display = display
        self._started = time.monotonic()  # not the wall clock: that one jumps
        self._stopped = threading.Event()
        self._steps = Steps(
            parts, journal=journal, budgets=fleet.budget, stopped=self._stopped, tell=display.doing
        )

    @property
    def _state(self) -> Rollout:
        assert self._journal.state is not None
        return self._journal.state

    def run(self) -> Rollout:
        """Go on until all waves are done or a brake stops them; what is running is brought to its step's end.

        Raises:
            BuildkitError: the journal, the lock or the registry failed in a way that concerns all services.
            KeyboardInterrupt: somebody stops it; `--resume` goes on.
        """
        for number, services in self._state.plan.waves:
            wave = self._state.waves.get(number, WaveState())
            if wave.done:
                continue
            if wave.braked:  # noted, and killed before anything came of it
                return self._brake(number, Reason(wave.braked, wave.hint))
            try:
                why = self._wave(number, services)
            except KeyboardInterrupt:
                self._journal.append(Event.ENDED, outcome="interrupted", seconds=self._seconds)
                raise
            if why is not None:
                self._journal.append(Event.BRAKED, wave=number, cause=why.text, hint=why.hint)
                return self._brake(number, why)
            self._journal.append(Event.WAVE_DONE, wave=number)
        return self._journal.append(Event.ENDED, outcome="done", seconds=self._seconds)

    @property
    def _seconds(self) -> float:
        return round(time.monotonic() - self._started, 3)

    def _wave(self, number: int, services: Sequence[PlannedService]) -> Reason | None:
        if number not in self._state.waves:
            gauge = self._parts.coverage
            self._journal.append(
                Event.WAVE,
                wave=number,
                services=[service.name for service in services],
                coverage=gauge.share() if gauge else None,
            )
        if why := self._too_many_failures(number, services):
            return why  # it was killed before it could brake
        left = [service for service in services if not self._state.services[service.name].ended]
        self._display.wave(number, services=services, left=len(left))
        budget = self._fleet.budget
        workers = budget.builds + budget.verifications + min(budget.registry, REGISTRY_WORKERS)
        with ThreadPoolExecutor(workers, thread_name_prefix="rollout") as pool:
            futures = {pool.submit(self._carry, service): service for service in left}
            try:
                for future in as_completed(futures):
                    future.result()
                    service = futures[future]
                    self._display.ended(service, self._state.services[service.name])
                    why = why or self._too_many_failures(number, services)
                    if why is not None:
                        self._stopped.set()
            except BaseException as error:
                # Nobody begins another step; those that run are waited for, at the pool's end.
                self._stopped.set()
                if isinstance(error, KeyboardInterrupt):
                    self._display.say("stopping when what runs is done; `rollout --resume` goes on")
                raise
        return why or self._out_of_time(services) or self._coverage_fell(number, services)

    def _carry(self, service: PlannedService) -> None:
        if brakes.out_of_time(self._seconds, brakes=self._fleet.brakes) is None:
            self._steps.carry(service)

    def _too_many_failures(self, number: int, services: Sequence[PlannedService]) -> Reason | None:
        forgiven = self._state.waves[number].forgiven
        progress = self._state.services
        failed = {
            service.name
            for service in services
            if progress[service.name].last is Event.FAILED
            and progress[service.name].counted
            and service.name not in forgiven
        }
        return brakes.failures(failed, size=len(services), brakes=self._fleet.brakes)

    def _out_of_time(self, services: Sequence[PlannedService]) -> Reason | None:
        if all(self._state.services[service.name].ended for service in services):
            return None
        return brakes.out_of_time(self._seconds, brakes=self._fleet.brakes)

    def _coverage_fell(self, number: int, services: Sequence[PlannedService]) -> Reason | None:
        gauge = self._parts.coverage
        wave = self._state.waves[number]
        if wave.pardoned:
            return None
        if gauge is not None:
            before = wave.coverage
            return brakes.coverage(before, after=gauge.share(), brakes=self._fleet.brakes)
        moved = [
            self._state.services[service.name].proven
            for service in services
            if self._state.services[service.name].last is Event.MOVED
        ]
        known = [(before, after) for before, after in moved if before is not None and after is not None]
        was, now = brakes.proven_share(known)
        return brakes.coverage(was, after=now, brakes=self._fleet.brakes)

    def _brake(self, number: int, why: Reason) -> Rollout:
        self._display.braked(number, why)
        if self._state.on_failure == "rollback":
            rollback.put_back(self._journal, parts=self._parts, waves=(number,), display=self._display)
            return self._state
        return self._journal.append(Event.ENDED, outcome="braked", seconds=self._seconds)
