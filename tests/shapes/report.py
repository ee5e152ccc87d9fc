"""How is the matrix shown: on a terminal, and as a page of the repository?"""

import rich.console
import rich.table


def matrix(results, *, cannot=()):
    """A line for each row, in the table's order."""
    table = rich.table.Table(box=None, pad_edge=False)
    for name in ("group", "shape", "spans", "behaviour", "seconds"):
        table.add_column(name, justify="right" if name == "seconds" else "left", overflow="fold")
    for result in results:
        verdict = result.verdict
        colour = "green" if verdict.green else "red"
        table.add_row(
            result.row.group,
            f"[{colour}]{result.row.name}[/]",
            verdict.spans,
            verdict.behaviour,
            f"{result.seconds:.1f}",
        )
    for row in cannot:
        table.add_row(row.group, f"[yellow]{row.name}[/]", "cannot be run", row.cannot, "")
    return table


def explain(result):
    """Why a row is red."""
    command = result.row.command if isinstance(result.row.command, str) else " ".join(result.row.command)
    return f"$ {command}\n" + "\n\n".join(result.verdict.reasons)


def console():
    return rich.console.Console(highlight=False, markup=True)
