"""How do services stand, for a person at a terminal?"""

from __future__ import annotations

import sys
import textwrap
from typing import TYPE_CHECKING

from rich.console import Console
from rich.text import Text

from buildkit.decisions import status_rows
from buildkit.values.stand import Kind

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import TextIO

    from buildkit.values.status import StatusRow

WIDTH = 120
HEAD = ("Service", "Stands", "On base", "Behind")
GAP = "  "
LEAST_REMARK = 30
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
        console.print(_table(rows, width=console.width), soft_wrap=True)
        console.print()
    for problem in problems:
        console.print(Text(problem, "yellow"), soft_wrap=True)
    console.print(Text(status_rows.summary(rows), "bold"), soft_wrap=True)


def _table(rows: Sequence[StatusRow], *, width: int) -> Text:
    """Columns as wide as their widest cell, the remarks in what is left.

    Not rich's own table: that takes as long for a thousand services as the registry takes to tell of them.
    """
    cells = [tuple(Text(name, "bold") for name in HEAD)]
    cells += [(Text(row.entry.name), *_cells(row)) for row in rows]
    told = ["", *(status_rows.remarks(row) for row in rows)]
    told[0] = "Remarks" if any(told) else ""
    widths = [max(len(line[column]) for line in cells) for column in range(len(HEAD))]
    left = sum(widths) + len(GAP) * len(widths)
    shown: list[Text] = []
    for line, remark in zip(cells, told, strict=True):
        for cell, size in zip(line, widths, strict=True):
            cell.pad_right(size - len(cell) + len(GAP))
        first, *more = textwrap.wrap(remark, max(LEAST_REMARK, width - left)) or [""]
        shown.append(Text.assemble(*line, (first, "" if shown else "bold")))
        shown[-1].rstrip()
        shown += [Text(" " * left + rest) for rest in more]
    shown.insert(1, Text("─" * min(width, left + max(map(len, told)))))
    return Text("\n").join(shown)


def _cells(row: StatusRow) -> tuple[Text, Text, Text]:
    if row.stand is None:
        return Text("error", "bold red"), Text(""), Text("")
    stand = row.stand
    return (
        Text(stand.kind.value, _COLOURS[stand.kind]),
        Text(str(stand.base) if stand.base else ""),
        Text(status_rows.lag(stand)),
    )
