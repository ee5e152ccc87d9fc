"""`rollout`: put a fleet onto the newest base, in waves, each service verified before its tag moves."""

from __future__ import annotations

import difflib
import json
from typing import TYPE_CHECKING

from buildkit.decisions import naming, plan_json, rollout_report
from buildkit.edges import rehearsal, rollback, rollout_display, rollout_jobs, rollout_scene, rollout_tables
from buildkit.edges.journals import Journals
from buildkit.edges.rollout_lease import RegistryLease
from buildkit.edges.rollout_lock import locked
from buildkit.edges.rollout_survey import planned
from buildkit.edges.rollout_waves import Waves
from buildkit.edges.terminable import terminable
from buildkit.values.errors import BadJournal, Busy, Misuse
from buildkit.values.rollout import Event, Rollout
from buildkit.verbs import rollout_ending, rollout_matrix
from buildkit.verbs.rollout_options import add_rollout

if TYPE_CHECKING:
    import argparse

    from buildkit.edges.journal import Journal
    from buildkit.edges.rollout_scene import Scene
    from buildkit.values.job import JobResult
    from buildkit.values.plan import Plan
    from buildkit.values.settings import Settings


def add_arguments(parser: argparse.ArgumentParser, *, settings: Settings) -> None:  # noqa: ARG001 - all verbs alike
    """The fleet, and what to do with it."""
    add_rollout(parser)


def run(arguments: argparse.Namespace, *, settings: Settings) -> int:
    """Plan, or do it; 0 if every service that could be moved was."""
    settings = naming.check(settings)
    with terminable(), rollout_scene.opened(arguments.fleet, settings=settings) as scene:
        if arguments.plan or arguments.dry_run:
            return _rehearse(scene, arguments)
        if arguments.matrix:
            return rollout_matrix.told(_plan(scene, arguments))
        if arguments.job:
            arguments.only = arguments.job
            return rollout_matrix.job(scene, _plan(scene, arguments), arguments, settings=settings)
        results = rollout_jobs.collected(arguments.results) if arguments.collect else None
        directory = arguments.journals or arguments.fleet.parent / "rollouts"
        journals = Journals(directory)
        with locked(journals.lock):
            return _roll(scene, journals, arguments, settings=settings, results=results)


def _plan(scene: Scene, arguments: argparse.Namespace) -> Plan:
    entries = scene.entries
    if arguments.only:
        known = [entry.name for entry in entries]
        for name in arguments.only:
            if name not in known:
                close = difflib.get_close_matches(name, known, n=1)
                hint = (
                    f'did you mean "{close[0]}"?'
                    if close
                    else f"{arguments.fleet} has {', '.join(known[:10])}"
                )
                raise Misuse(f'no service "{name}" in this fleet', hint=hint)
        entries = tuple(entry for entry in entries if entry.name in arguments.only)
    return planned(
        scene.fleet, entries, registries=scene.registries, catalogue=scene.catalogue, onto=arguments.onto
    )


def _rehearse(scene: Scene, arguments: argparse.Namespace) -> int:
    plan = _plan(scene, arguments)
    if arguments.dry_run:
        plan = rehearsal.rehearsed(plan, scene=scene)
    if arguments.json:
        print(json.dumps(plan_json.written(plan), indent=2))
    else:
        rollout_tables.show_plan(plan)
    return int(any(service.failed for service in plan.services))


def _roll(
    scene: Scene,
    journals: Journals,
    arguments: argparse.Namespace,
    *,
    settings: Settings,
    results: dict[str, JobResult] | None,
) -> int:
    last = journals.newest()
    if arguments.resume:
        return _resume(scene, journals.last(), arguments, settings=settings)
    if last is not None and last.state is not None and not last.state.finished:
        if not arguments.fresh:
            raise Busy(
                f"rollout {last.state.name} has not ended ({rollout_report.summary(last.state)})",
                hint="go on with --resume, put it back with `rollback`, or leave it so with --fresh",
            )
        last.append(Event.ENDED, outcome="abandoned", seconds=0)
    with RegistryLease.of(scene, name="rollout", tell=rollout_display.tell) as lease:
        plan = _plan(scene, arguments)
        if not plan.moves:
            state = Rollout("none", plan, arguments.on_failure, outcome="done")
            return rollout_ending.told(state, arguments, report=arguments.report)
        with journals.new() as journal:
            journal.need_room(len(plan.moves))
            journal.append(
                Event.BEGUN,
                name=journal.path.stem,
                plan=plan_json.written(plan),
                on_failure=arguments.on_failure,
            )
            return _carry(scene, journal, lease, arguments, settings=settings, results=results)


def _resume(scene: Scene, journal: Journal, arguments: argparse.Namespace, *, settings: Settings) -> int:
    state = journal.state
    if arguments.only or arguments.onto:
        raise Misuse("--resume goes on with the plan as it was", hint="leave --only and --onto away")
    if state is None or state.finished:
        raise BadJournal(
            f"the last rollout ({journal.path.stem}) has ended: there is nothing to go on with",
            hint="start a new one with `rollout`",
        )
    with journal, RegistryLease.of(scene, name=state.name, tell=rollout_display.tell) as lease:
        journal.need_room(sum(not progress.ended for progress in state.services.values()))
        if state.rollback is None:
            journal.append(Event.RESUMED)
        return _carry(scene, journal, lease, arguments, settings=settings)


def _carry(
    scene: Scene,
    journal: Journal,
    lease: RegistryLease,
    arguments: argparse.Namespace,
    *,
    settings: Settings,
    results: dict[str, JobResult] | None = None,
) -> int:
    """Go on from where the journal is."""
    state = journal.state
    assert state is not None
    done = sum(progress.ended for progress in state.services.values())
    rollout_display.tell(f"journal: {journal.path}")
    with (
        rollout_scene.parts(
            scene, state.plan.moves, guard=lease, builder=arguments.builder, settings=settings
        ) as parts,
        rollout_display.display(total=len(state.services), done=done) as display,
    ):
        if state.rollback is not None:
            rollback.put_back(journal, parts=parts, waves=state.rollback, display=display)
        else:
            if results is not None:
                parts = rollout_jobs.with_results(parts, results)  # noqa: PLW2901 - the same parts, but for the mover
            Waves(scene.fleet, parts=parts, journal=journal, display=display).run()
    assert journal.state is not None
    return rollout_ending.told(
        journal.state, arguments, report=arguments.report or rollout_ending.beside(journal)
    )
