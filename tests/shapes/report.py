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
            _behaviour(verdict),
            f"{result.seconds:.1f}",
        )
    for row in cannot:
        table.add_row(row.group, f"[yellow]{row.name}[/]", "cannot be run", row.cannot, "")
    return table


def page(results, *, cannot=()):
    """The matrix as a page in Markdown; nothing in it changes from run to run by itself."""
    green = sum(result.verdict.green for result in results)
    text = [
        "# Every shape of service, as it ran last",
        "",
        "Written by `make shapes`. Each row: six requests, each with one outgoing call unless its table says",
        "otherwise, then the signal at once; and the same service untraced beside it. `same`: stdout, stderr, exit",
        "code and time, answers, outgoing calls, logging handlers, signal handlers and the versions of what was",
        "imported are those of the untraced one.",
        "",
        f"**{green} of {len(results)} green**" + (f", {len(cannot)} cannot be run." if cannot else "."),
        "",
        *summary(results, cannot=cannot),
    ]
    rows = [(result.row, _cells(result)) for result in results]
    rows += [(row, (row.name, "", f"cannot be run: {row.cannot}")) for row in cannot]
    for group in dict.fromkeys(row.group for row, _ in rows):
        text += ["", f"## {group}", "", "| shape | spans | behaviour |", "|---|---|---|"]
        text += [f"| {' | '.join(cells)} |" for row, cells in rows if row.group == group]
    return "\n".join(text) + "\n"


def summary(results, *, cannot=(), page=""):
    """A line for each group: how many of its shapes are green, and which are not; links go to `page`."""
    text = ["| group | green | |", "|---|---|---|"]
    for group in dict.fromkeys(row.group for row in [*(result.row for result in results), *cannot]):
        ours = [result for result in results if result.row.group == group]
        red = [result.row.name for result in ours if not result.verdict.green]
        left = [row.name for row in cannot if row.group == group]
        notes = [f"red: {', '.join(red)}"] if red else []
        twice = [result.row.name for result in ours if result.verdict.green and result.verdict.unsteady]
        notes += [f"not at the first run: {', '.join(twice)}"] if twice else []
        notes += [f"cannot be run: {', '.join(left)}"] if left else []
        text.append(
            f"| [{group}]({page}#{group}) | {len(ours) - len(red)}/{len(ours)} | {'; '.join(notes)} |"
        )
    return text


def _cells(result):
    verdict = result.verdict
    return (
        result.row.name,
        verdict.spans,
        _behaviour(verdict) if verdict.green else f"**{verdict.behaviour}, red**",
    )


def _behaviour(verdict):
    return f"{verdict.behaviour}, not at the first run" if verdict.unsteady else verdict.behaviour


def explain(result):
    """Why a row is red, or was in its first run."""
    command = result.row.command if isinstance(result.row.command, str) else " ".join(result.row.command)
    return f"$ {command}\n" + "\n\n".join(result.verdict.reasons or result.verdict.unsteady)


def console():
    return rich.console.Console(highlight=False, markup=True)
