"""How do a plan and a rollout's end look to the one who reads them?"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from buildkit.decisions.rollout_report import rows, summary
from buildkit.values.plan import Action

if TYPE_CHECKING:
    from typing import TextIO

    from buildkit.values.plan import Plan
    from buildkit.values.rollout import Rollout

WIDTH = 120
_ACTIONS = {Action.KEEP: "dim", Action.REBASE: "green", Action.REBUILD: "cyan", Action.BLOCKED: "yellow"}
_OUTCOMES = {"moved": "green", "failed": "bold red", "not put back": "bold red", "unsettled": "bold red"}


def show_plan(plan: Plan, *, stream: TextIO | None = None) -> None:
    """Every service with what is to be done, by waves, and why."""
    console = _console(stream)
    table = _table("Service", "Action", "Wave", "Base", "Why")
    order = sorted(plan.services, key=lambda service: (not service.action.moves, service.wave))
    for service in order:
        why = [Text(reason.text) for reason in service.reasons]
        hint = next((reason.hint for reason in reversed(service.reasons) if reason.hint), "")
        if hint and not service.action.moves:
            why.append(Text(f"to do: {hint}", "dim"))
        table.add_row(
            Text(service.name),
            Text(service.action, _ACTIONS[service.action]),
            Text(str(service.wave or "")),
            Text(service.version or "-"),
            Text("\n").join(why),
        )
    console.print(table)
    counts = ", ".join(
        f"{count} {action}"
        for action in Action
        if (count := sum(each.action is action for each in plan.services))
    )
    waves = ", ".join(str(len(services)) for _, services in plan.waves)
    console.print(Text(f"onto {plan.onto}: {counts}" + (f"; waves of {waves}" if waves else ""), "bold"))


def show_result(state: Rollout, *, stream: TextIO | None = None) -> None:
    """Every service with what became of it, and why it is not on the newest base if it is not."""
    console = _console(stream)
    table = _table("Service", "Outcome", "Wave", "Base", "Seconds", "Why not")
    for row in rows(state):
        service = row.service
        base = service.onto if row.is_new and service.onto else service.version
        said = ((row.cause, ""), (f"to do: {row.hint}" if row.hint else "", "dim"))
        why = Text("\n").join([Text(text, style) for text, style in said if text])
        table.add_row(
            Text(service.name),
            Text(row.outcome, _OUTCOMES.get(row.outcome, "yellow" if row.cause else "dim")),
            Text(str(service.wave or "")),
            Text(base or "-"),
            Text(f"{row.progress.seconds:.1f}" if row.progress.seconds else ""),
            why,
        )
    console.print(table)
    console.print(Text(summary(state), "bold"))


def _table(*columns: str) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
    for column in columns[:-1]:
        table.add_column(column, no_wrap=True, justify="right" if column in {"Wave", "Seconds"} else "left")
    table.add_column(columns[-1], ratio=1, overflow="fold")
    return table


def _console(stream: TextIO | None) -> Console:
    out = stream if stream is not None else sys.stdout
    console = Console(file=out, highlight=False)
    console.width = max(console.width, WIDTH) if out.isatty() else WIDTH
    return console
