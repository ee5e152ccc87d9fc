"""Do a rollout's work in a CI system's jobs, and use what they bring back.

A job makes a service's image, verifies it and seals it: all by digest. Tags move in one place only, where the results
are collected: the waves, the brakes, the journal and the lease are those of any rollout.
"""

from __future__ import annotations

import dataclasses
import tempfile
import threading
from pathlib import Path
from typing import TYPE_CHECKING

from buildkit.decisions import matrix, plan_json
from buildkit.edges import files
from buildkit.edges.journals import Journals
from buildkit.edges.rollout_parts import Made
from buildkit.edges.rollout_steps import Steps
from buildkit.values.errors import CommandFailed, MissingFile
from buildkit.values.job import JobResult
from buildkit.values.plan import Action
from buildkit.values.rollout import Event

if TYPE_CHECKING:
    from collections.abc import Callable

    from buildkit.edges.rollout_parts import Parts, Tags
    from buildkit.values.fleet import Fleet, ServiceEntry
    from buildkit.values.plan import Plan, PlannedService

SUFFIX = ".json"


class StillTags:
    """Tags that nobody moves; see edges/rollout_parts.py, `Tags`."""

    def __init__(self, tags: Tags) -> None:
        self._tags = tags

    def current(self, entry: ServiceEntry) -> str | None:
        """The digest that a service's tag stands for."""
        return self._tags.current(entry)

    def move(self, entry: ServiceEntry, *, to: str, expected: str | None) -> None:
        """Leave it where it is."""


class NoGuard:
    """The right to do what needs none; see edges/rollout_parts.py, `Guard`."""

    def check(self) -> None:
        """Nothing is moved."""


class CollectedMover:
    """Takes the images that jobs have made; see edges/rollout_parts.py, `Mover`."""

    def __init__(self, results: dict[str, JobResult]) -> None:
        self._results = results

    def make(self, service: PlannedService, *, entry: ServiceEntry, how: Action) -> Made:  # noqa: ARG002
        """The job's image (raises CommandFailed with the job's cause if it has none)."""
        found = self._results.get(service.name)
        refusal = matrix.refusal(found, service=service)
        if refusal is not None:
            raise CommandFailed(refusal[0], hint=refusal[1])
        assert found is not None
        return Made(found.digest, found.notes)


def carry(
    plan: Plan, *, fleet: Fleet, parts: Parts, results: Path, tell: Callable[[str, str], None]
) -> tuple[JobResult, ...]:
    """Do a job: make, verify and seal its services, and write a file for each. No tag moves.

    Args:
        plan: of these services only.
        fleet: its budgets.
        parts: who does the work; its tags stay.
        results: the directory of the files.
        tell: is told a service's name and what is being done with it.

    Raises:
        OutOfDisk, Busy: what concerns all services.
    """
    parts = dataclasses.replace(parts, tags=StillTags(parts.tags))
    files.make_directory(results)
    found = []
    with tempfile.TemporaryDirectory(prefix="job-") as place, Journals(Path(place)).new() as journal:
        journal.append(Event.BEGUN, name="job", plan=plan_json.written(plan), on_failure="hold")
        steps = Steps(parts, journal=journal, budgets=fleet.budget, stopped=threading.Event(), tell=tell)
        for service in plan.services:
            if service.action.moves:
                result = matrix.result(service, steps.carry(service))
            else:
                reason = service.reasons[0]
                kept = service.action is Action.KEEP
                result = JobResult(
                    service.name,
                    service.digest,
                    service.version,
                    digest=service.digest if kept else "",
                    cause="" if kept else reason.text,
                    hint="" if kept else reason.hint,
                )
            files.write(results / f"{service.name}{SUFFIX}", matrix.result_json(result))
            found.append(result)
    return tuple(found)


def collected(directory: Path) -> dict[str, JobResult]:
    """All results below a directory, by service; CI systems put each job's files where they like.

    Raises:
        MissingFile: There is none.
        BadJobResult: A file is something else.
    """
    paths = sorted(directory.rglob(f"*{SUFFIX}"))
    if not paths:
        raise MissingFile(f"there is no job's result in {directory}", hint="were they brought here?")
    found = [matrix.read(files.read(path), file=str(path)) for path in paths]
    return {each.name: each for each in found}


def with_results(parts: Parts, results: dict[str, JobResult]) -> Parts:
    """The same parts, which take what the jobs have made and sealed."""
    return dataclasses.replace(parts, mover=CollectedMover(results), sealer=None)
