"""How does a run look to the one who reads it, on a terminal or in a CI log?"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from rich import box
from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from buildkit.decisions.trace_tree import cells, rows, worth_showing
from buildkit.decisions.verdict import summary
from buildkit.values.check import Outcome

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import TextIO

    from rich.console import JustifyMethod

    from buildkit.decisions.trace_tree import Row
    from buildkit.decisions.verdict import Verdict
    from buildkit.values.check import Check
    from buildkit.values.service import Evidence
    from buildkit.values.span import Span

WIDTH = 120
TRACES = 4
_COLOURS = {Outcome.PASS: "green", Outcome.FAIL: "bold red", Outcome.SKIP: "yellow"}
_COLUMNS = ("kind", "duration", "route", "status", "client", "request")
_NUMBERS = ("duration", "request")
_MOST = 30
_ASCII = str.maketrans("└├│─", "`||-")


def show(verdicts: Sequence[Verdict], evidence: Sequence[Evidence], *, stream: TextIO | None = None) -> None:
    """Print traces, checks, and for each failure its cause, what to do, and the service's last lines."""
    out = stream if stream is not None else sys.stdout
    if out is None:  # closed by whoever started us; the exit code still tells
        return
    # A tree of a few services needs that width: a narrower terminal wraps its lines.
    console = Console(file=out, highlight=False)
    console.width = max(console.width, WIDTH) if out.isatty() else WIDTH
    _traces(console, evidence)
    _checks(console, verdicts)
    for found in verdicts:
        _unproven(console, found)
        if found.failures:
            _explain(console, found)
    console.print()
    failed = any(found.failures for found in verdicts)
    console.print(
        Text(f"{'FAIL' if failed else 'PASS'}: {summary(verdicts)}", "bold red" if failed else "bold green")
    )


def _traces(console: Console, evidence: Sequence[Evidence]) -> None:
    """One table for each trace, all with the same columns: a row's cells cannot span columns."""
    spans = evidence[0].spans
    shown = worth_showing(evidence[0].answers, spans=spans, most=TRACES)
    trees = [rows(spans, trace_id=answer.request.trace_id) for answer in shown]
    widths = _widths(trees)
    for number, (answer, tree) in enumerate(zip(shown, trees, strict=True)):
        request = answer.request
        console.print()
        title = f"{request.method} {request.path} -> {answer.status}  trace {request.trace_id}"
        console.print(Text(title, "bold"), no_wrap=True, overflow="ellipsis")
        table = Table(box=None, pad_edge=False, expand=True, show_header=number == 0, header_style="dim")
        table.add_column("service and span", no_wrap=True, ratio=1)
        for name, width in widths.items():
            side: JustifyMethod = "right" if name in _NUMBERS else "left"
            table.add_column(name, justify=side, width=width, no_wrap=True)
        for row in tree:
            table.add_row(_name(console, row.branch, row.span), *(Text(cell) for cell in cells(row.span)))
        console.print(table)
    answers = len(evidence[0].answers)
    if answers > len(shown):
        console.print()
        console.print(Text(f"{answers - len(shown)} more requests left traces like these", "dim"))


def _widths(trees: Sequence[Sequence[Row]]) -> dict[str, int]:
    """How wide each column must be, so that all tables look like one."""
    lines = [cells(row.span) for tree in trees for row in tree]
    return {
        name: min(_MOST, max([len(name), *(len(line[column]) for line in lines)]))
        for column, name in enumerate(_COLUMNS)
    }


def _name(console: Console, branch: str, span: Span) -> Text:
    drawn = branch if console.encoding.startswith("utf") else branch.translate(_ASCII)
    return Text.assemble((drawn, "dim"), (span.service, "bold"), " ", span.name)


def _checks(console: Console, verdicts: Sequence[Verdict]) -> None:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
    table.add_column("Check", no_wrap=True)
    for found in verdicts:
        table.add_column(found.service if len(verdicts) > 1 else "Result", no_wrap=True)
    table.add_column("Seen", ratio=1)
    for checks in zip(*(found.checks for found in verdicts), strict=True):
        results = [Text(check.outcome, _COLOURS[check.outcome]) for check in checks]
        table.add_row(Text(checks[0].name), *results, Text("; ".join(_seen(checks, verdicts))))
    console.print()
    console.print(Text("Checks", "bold"))
    console.print(table)


def _seen(checks: Sequence[Check], verdicts: Sequence[Verdict]) -> Iterator[str]:
    """What was seen; of a failure, which is told in full below, only that it is."""
    if len(checks) == 1:
        yield checks[0].detail
        return
    told: dict[str, list[str]] = {}
    for check, found in zip(checks, verdicts, strict=True):
        said = "see below" if check.failed else check.detail
        told.setdefault(said, []).append(found.service)
    for detail, services in told.items():
        if detail:
            yield detail if len(services) == len(checks) else f"{', '.join(services)}: {detail}"


def _unproven(console: Console, found: Verdict) -> None:
    """What somebody can do so that more is proven."""
    for check in found.checks:
        if check.outcome is Outcome.SKIP and check.hint:
            console.print()
            console.print(Text.assemble((f"{check.name}: ", "bold yellow"), check.detail))
            console.print(Padding(Text.assemble(("to do: ", "bold"), check.hint), (0, 0, 0, 2)))


def _explain(console: Console, found: Verdict) -> None:
    console.print()
    console.print(Text(f"Why {found.service} ({found.image}) fails", "bold red"))
    for check in found.failures:
        console.print(Padding(Text.assemble((f"{check.name}: ", "bold"), check.detail), (0, 0, 0, 2)))
        for word, text in (("cause", check.cause), ("to do", check.hint)):
            if text:
                console.print(Padding(Text.assemble((f"{word}: ", "bold"), text), (0, 0, 0, 4)))
    console.print(
        Padding(Text("its last lines:" if found.last_lines else "it wrote nothing", "bold"), (0, 0, 0, 2))
    )
    for line in found.last_lines:
        console.print(Padding(Text(line, "dim"), (0, 0, 0, 4)))
