"""`rollback [WAVE]`: put tags back to the digests of before the last rollout."""

from __future__ import annotations

from typing import TYPE_CHECKING

from buildkit.decisions import naming, rollout_report
from buildkit.edges import rollback, rollout_display, rollout_scene
from buildkit.edges.journals import Journals
from buildkit.edges.rollout_lease import RegistryLease
from buildkit.edges.rollout_lock import locked
from buildkit.edges.terminable import terminable
from buildkit.values.errors import BadJournal, Misuse
from buildkit.verbs import rollout_ending
from buildkit.verbs.rollout_options import add_common

if TYPE_CHECKING:
    import argparse

    from buildkit.values.settings import Settings


def add_arguments(parser: argparse.ArgumentParser, *, settings: Settings) -> None:  # noqa: ARG001 - all verbs alike
    """The wave."""
    add_common(parser)
    parser.add_argument("wave", nargs="?", type=int, help="only this wave of the last rollout (all of it)")


def run(arguments: argparse.Namespace, *, settings: Settings) -> int:
    """Put back every tag that still stands for what the last rollout set; 0 if none is left as it was set."""
    settings = naming.check(settings)
    journals = Journals(arguments.journals or arguments.fleet.parent / "rollouts")
    with (
        terminable(),
        rollout_scene.opened(arguments.fleet, settings=settings) as scene,
        locked(journals.lock),
        journals.last() as journal,
    ):
        state = journal.state
        assert state is not None
        if state.outcome == "abandoned":
            raise BadJournal(f"rollout {state.name} was left with --fresh", hint="move its tags by hand")
        numbers = [number for number, _ in state.plan.waves]
        if arguments.wave is not None and arguments.wave not in numbers:
            known = ", ".join(map(str, numbers))
            raise Misuse(f"rollout {state.name} has no wave {arguments.wave}", hint=f"it has {known}")
        waves = numbers if arguments.wave is None else [arguments.wave]
        with (
            RegistryLease.of(scene, name=state.name, tell=rollout_display.tell) as lease,
            rollout_display.display(total=len(state.services)) as display,
        ):
            parts = rollout_scene.tags_only(scene, state.plan.moves, guard=lease)
            # One that was interrupted is brought to its own end first.
            if state.rollback is not None:
                rollback.put_back(journal, parts=parts, waves=state.rollback, display=display)
            if state.rollback is None or not set(waves) <= set(state.rollback):
                rollback.put_back(journal, parts=parts, waves=waves, display=display)
    assert journal.state is not None
    rollout_ending.told(journal.state, arguments, report=arguments.report or rollout_ending.beside(journal))
    return int(
        any(row.outcome in {"not put back", "unsettled"} for row in rollout_report.rows(journal.state))
    )
