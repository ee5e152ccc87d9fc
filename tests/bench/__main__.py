"""`python -m tests.bench`: measure everything in one run and print the table."""

import argparse
import os
import platform
import sys
from dataclasses import dataclass

from buildkit.edges import environment
from buildkit.edges.engine import Engine
from buildkit.edges.progress import step
from buildkit.values.errors import BuildkitError
from tests.bench import endtoend, figures, images, inprocess, report, startup
from tests.bench.backend import Backend
from tests.bench.sides import UNSAMPLED


@dataclass(frozen=True, slots=True)
class Size:
    """How many rounds (of requests) and runs (of starts) are measured, and after how many requests the memory."""

    in_process: int
    end_to_end: int
    passes: int
    boots: int
    memory_after: int


FULL = Size(in_process=60, end_to_end=30, passes=60, boots=25, memory_after=1000)
QUICK = Size(in_process=2, end_to_end=2, passes=2, boots=2, memory_after=100)

ROUTES = {"hello": "server span", "chain": "server + requests span"}
IN_PROCESS = {
    **ROUTES,
    "wsgi": "bare WSGI",
    "asgi": "bare ASGI under uvicorn",
    "fastapi": "FastAPI under uvicorn",
}


def measure(built, *, size):
    """Run every part, one after the other, and return the table's rows."""
    with Backend() as backend:
        with step("in-process") as tell:
            in_process = inprocess.measure(images=built, backend=backend, rounds=size.in_process, tell=tell)
        with step("end to end") as tell:
            end_to_end, memory = endtoend.measure(
                images=built["service"],
                backend=backend,
                rounds=size.end_to_end,
                memory_after=size.memory_after,
                tell=tell,
            )
        with step("start-up") as tell:
            starts = startup.measure(
                images=built["service"], backend=backend, passes=size.passes, boots=size.boots, tell=tell
            )
    share = {"unit": "us", "target_is_share": True}
    return [
        *(
            figures.rounds_row(f"in-process, {name}", in_process[route], target=1 / 15, **share)
            for route, name in IN_PROCESS.items()
        ),
        *(
            figures.unsampled_row(
                f"in-process, {name}, unsampled",
                in_process[route + UNSAMPLED],
                sampled=in_process[route],
                unit="us",
                target=1 / 3,
            )
            for route, name in IN_PROCESS.items()
        ),
        *(
            figures.rounds_row(f"end to end, {name}", end_to_end[route], target=1 / 10, **share)
            for route, name in ROUTES.items()
        ),
        *start_rows("python -c pass", starts["pass"], target=3),
        *start_rows("Flask boot", starts["boot"], target=5),
        *memory_rows(memory),
    ]


def start_rows(name, runs, *, target):
    """The best run, which the machine's other users disturbed least, and the median of all."""
    best = {side: min(values) for side, values in runs.items()}
    return [
        figures.single_row(
            f"{name}, best of {len(runs['bare'])}", best, unit="ms", scale=1000, target=target
        ),
        figures.rounds_row(f"{name}, median", runs, unit="ms", scale=1000),
    ]


def memory_rows(memory):
    uss = {side: value.uss for side, value in memory.items()}
    pss = {side: value.pss for side, value in memory.items()}
    return [
        figures.single_row("worker's memory (USS)", uss, unit="MB", scale=1e6, target=3),
        figures.single_row("worker + master (PSS)", pss, unit="MB", scale=1e6),
    ]


def facts(versions):
    return {
        **versions,
        "kernel": platform.release(),
        "cores": os.cpu_count(),
        "load": round(os.getloadavg()[0], 1),
    }


def main():
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument(
        "--quick", action="store_true", help="two rounds of everything: only to see that it runs"
    )
    parser.add_argument("--json", action="store_true", help="print JSON instead of the table")
    arguments = parser.parse_args()
    try:
        engine = Engine.connect()
        try:
            built = images.build(engine, settings=environment.settings())
            versions = images.versions(engine, built["asgi"][False])
        finally:
            engine.close()
        rows = measure(built, size=QUICK if arguments.quick else FULL)
    except BuildkitError as error:
        print(f"bench: {error}", file=sys.stderr)
        return error.exit_code
    except KeyboardInterrupt:
        print("bench: interrupted", file=sys.stderr)
        return 130
    if arguments.json:
        print(report.as_json(rows, facts=facts(versions)))
        return 0
    print(report.table(rows))
    print()
    print(", ".join(f"{name} {value}" for name, value in facts(versions).items()))
    return 0


if __name__ == "__main__":
    sys.exit(main())
