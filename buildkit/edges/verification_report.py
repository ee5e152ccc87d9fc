"""How do the verdicts on several images look, on a terminal or in a CI log?"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from rich import box
from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from buildkit.decisions.verified import exit_code, summary
from buildkit.edges.report import WIDTH

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import TextIO

    from buildkit.decisions.verified import Result

_COLOURS = {"PASS": "green", "FAIL": "bold red", "ERROR": "bold red"}


def show(results: Sequence[Result], *, stream: TextIO | None = None) -> None:
    """Print a line for each image, and for each failure its cause, what to do, and the service's last lines."""
    out = stream if stream is not None else sys.stdout
    if out is None:  # closed by whoever started us; the exit code still tells
        return
    console = Console(file=out, highlight=False)
    console.width = max(console.width, WIDTH) if out.isatty() else WIDTH
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
    table.add_column("Image", overflow="fold", ratio=3)
    table.add_column("Result", no_wrap=True)
    table.add_column("Base", no_wrap=True)
    table.add_column("Seconds", justify="right", no_wrap=True)
    table.add_column("Seen", ratio=4)
    for result in results:
        base = result.found.base_version if result.found else ""
        told = result.told if result.passed or not result.found else "see below"
        table.add_row(
            Text(result.image),
            Text(result.word, _COLOURS[result.word]),
            base,
            f"{result.seconds:.1f}",
            Text(told),
        )
    console.print(table)
    for result in results:
        _explain(console, result)
    console.print()
    colour = "bold red" if exit_code(results) else "bold green"
    console.print(Text(f"{'FAIL' if exit_code(results) else 'PASS'}: {summary(results)}", colour))


def _explain(console: Console, result: Result) -> None:
    if result.found is None or result.passed:
        return
    console.print()
    console.print(Text(f"Why {result.image} fails", "bold red"))
    for check in result.found.failures:
        console.print(Padding(Text.assemble((f"{check.name}: ", "bold"), check.detail), (0, 0, 0, 2)))
        for word, text in (("cause", check.cause), ("to do", check.hint)):
            if text:
                console.print(Padding(Text.assemble((f"{word}: ", "bold"), text), (0, 0, 0, 4)))
    lines = result.found.last_lines
    console.print(Padding(Text("its last lines:" if lines else "it wrote nothing", "bold"), (0, 0, 0, 2)))
    for line in lines:
        console.print(Padding(Text(line, "dim"), (0, 0, 0, 4)))
