"""How do services stand, for a person at a terminal?"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from buildkit.decisions import status_rows
from buildkit.values.stand import Kind

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import TextIO

    from buildkit.values.status import StatusRow

WIDTH = 120
_COLOURS = {
    Kind.NOT_ON_BASE: "bold red",
    Kind.BYPASSED: "bold red",
    Kind.PINNED: "yellow",
    Kind.BEHIND: "yellow",
    Kind.CURRENT: "green",
}


def show(rows: Sequence[StatusRow], *, problems: Sequence[str] = (), stream: TextIO | None = None) -> None:
    """Print a table, the worst first, and a line that sums it up."""
    out = stream if stream is not None else sys.stdout
    if out is None:  # closed by whoever started us
        return
    console = Console(file=out, highlight=False)
    console.width = max(console.width, WIDTH) if out.isatty() else WIDTH
    if rows:
        console.print(_table(rows))
        console.print()
    for problem in problems:
        console.print(Text(problem, "yellow"), soft_wrap=True)
    console.print(Text(status_rows.summary(rows), "bold"), soft_wrap=True)


def _table(rows: Sequence[StatusRow]) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
    for name in ("Service", "Stands", "On base", "Behind"):
        table.add_column(name, no_wrap=name != "Service", overflow="fold")
    told = [status_rows.remarks(row) for row in rows]
    if any(told):
        table.add_column("Remarks", ratio=1, overflow="fold")
    for row, remark in zip(rows, told, strict=True):
        cells = [Text(row.entry.name), *_cells(row)]
        table.add_row(*cells, *([Text(remark)] if any(told) else []))
    return table


def _cells(row: StatusRow) -> tuple[Text, Text, Text]:
    if row.stand is None:
        return Text("error", "bold red"), Text(""), Text("")
    stand = row.stand
    return (
        Text(stand.kind.value, _COLOURS[stand.kind]),
        Text(str(stand.base) if stand.base else ""),
        Text(status_rows.lag(stand)),
    )
