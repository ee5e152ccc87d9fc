"""`python -m tests.shapes [ONLY...]`: run shapes in the real image and print the matrix."""

import argparse
import signal
import sys
import time
from pathlib import Path

from buildkit.values.errors import BuildkitError
from tests.shapes import report, running
from tests.shapes.stage import Stage
from tests.shapes.table import ROWS

RESULT = Path(__file__).with_name("RESULT.md")
README = Path(__file__).parents[2] / "README.md"


def main(arguments=None):
    """0: all green. 1: a row is red. 2: misused."""
    # Also from a shell's background, which ignores the one, and for a CI system, which sends the other.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    options = _parser().parse_args(arguments)
    rows = running.chosen(ROWS, options.only)
    if not rows:
        print(
            f"no shape has {' or '.join(options.only)} in its group/name; see tests/shapes/table/",
            file=sys.stderr,
        )
        return 2
    if options.list:
        print("\n".join(running.full_name(row) for row in rows))
        return 0
    began = time.monotonic()
    try:
        results = _run([row for row in rows if not row.cannot], jobs=options.jobs)
    except BuildkitError as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        return 130
    console = report.console()
    red = [result for result in results if not result.verdict.green]
    cannot = [row for row in rows if row.cannot]
    console.print(report.matrix(results, cannot=cannot))
    if len(rows) == len(ROWS):
        RESULT.write_text(report.page(results, cannot=cannot))
        _show_in_readme(report.summary(results, cannot=cannot, page="tests/shapes/RESULT.md"))
    console.print(f"{len(results) - len(red)} of {len(results)} green, {time.monotonic() - began:.0f} s")
    return 1 if red else 0


def _show_in_readme(lines):
    before, begin, rest = README.read_text().partition("<!-- shapes -->\n")
    _, end, after = rest.partition("<!-- /shapes -->")
    README.write_text("".join((before, begin, "\n".join(lines), "\n", end, after)))


def _parser():
    parser = argparse.ArgumentParser(prog="python -m tests.shapes", description=__doc__)
    parser.add_argument("only", nargs="*", help='run the shapes with one of these texts in "group/name"')
    parser.add_argument("--jobs", type=int, default=running.JOBS, help="how many at a time (%(default)s)")
    parser.add_argument("--list", action="store_true", help="print their names, and run nothing")
    return parser


def _run(rows, *, jobs):
    console = report.console()
    with Stage() as stage, running.Runner(stage, jobs=jobs) as runner:
        futures = [runner.start(row) for row in rows]
        results = []
        with console.status("") as status:
            for number, future in enumerate(futures):
                status.update(f"{number}/{len(futures)} {running.full_name(rows[number])}")
                result = future.result()
                results.append(result)
                mark = "[green]ok [/]" if result.verdict.green else "[red]red[/]"
                console.print(f"{mark} {running.full_name(result.row)} ({result.seconds:.1f} s)")
                if result.verdict.unsteady:
                    console.print("green, but not at the first run:")
                if result.verdict.reasons or result.verdict.unsteady:
                    # At once: a whole run takes long.
                    console.print(report.explain(result), markup=False)
        return results


if __name__ == "__main__":
    sys.exit(main())
