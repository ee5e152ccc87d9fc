"""`python -m tests.bench_fleet`: status and rebase of a thousand services in a local registry."""

import argparse
import os
import platform
import sys
import tempfile
from pathlib import Path

from buildkit.edges import environment
from buildkit.edges.engine import Engine
from buildkit.edges.progress import step
from buildkit.edges.registry import Registry
from buildkit.values.errors import BuildkitError
from tests.bench_fleet import company, measuring, report
from tests.fleet.registry import RegistryServer

# In memory, and with less garbage collection than its default: it has one of two cores, and is not what is measured.
STORAGE = 4 << 30
VARIABLES = {"GOGC": "400"}


def measure(server, *, images, rounds):
    """Every part once a round, so that a slow minute of the machine hits them all."""
    runs = {"cold": [], "warm": [], "runtime": [], "debian": []}
    with Registry.connect(server.host) as registry:
        with step(f"{images} services on {company.FIRST_RELEASE}"):
            company.populate(registry, images)
        for number in range(1, rounds + 1):
            # Releases of their own, so that every round pushes what is not there yet.
            runtime, debian = f"1.0.{number}-r1-py3.13", f"1.{number}.0-r1-py3.13"
            company.release(registry, runtime, changed=company.RUNTIME, days=number)
            company.release(registry, debian, changed=company.DEBIAN, days=30 + number)
            with step(f"round {number} of {rounds}"), tempfile.TemporaryDirectory(prefix="bench-") as cache:
                runs["cold"].append(measuring.status(server, images=images, cache=Path(cache)))
                runs["warm"].append(measuring.status(server, images=images, cache=Path(cache)))
                runs["runtime"].append(measuring.rebase(server, images=images, onto=runtime, planned=False))
                runs["debian"].append(measuring.rebase(server, images=images, onto=debian, planned=True))
    rates = {"at_least": 100, "most_requests": 8}
    return [
        report.seconds(f"status of {images}, nothing known", runs["cold"], at_most=5 * images / 1000),
        report.seconds(f"status of {images}, again", runs["warm"], at_most=max(1, images / 1000)),
        report.rate("rebase, a new runtime (1 layer of 7)", runs["runtime"], **rates),
        report.rate("rebase, a new Debian (5 of 7), planned before", runs["debian"], **rates),
    ]


def main():
    parser = argparse.ArgumentParser(prog="python -m tests.bench_fleet", description=__doc__)
    parser.add_argument("--services", type=int, default=1000, help="how many (%(default)s)")
    parser.add_argument(
        "--rounds", type=int, default=5, help="how often everything is measured (%(default)s)"
    )
    parser.add_argument("--disk", action="store_true", help="let the registry store on disk, not in memory")
    parser.add_argument("--json", action="store_true", help="print JSON instead of the table")
    arguments = parser.parse_args()
    try:
        engine = Engine.connect()
        try:
            disk = None if arguments.disk else STORAGE
            settings = environment.settings()
            with RegistryServer(
                engine, settings, disk=disk, own_network=False, variables=VARIABLES
            ) as server:
                rows = measure(server, images=arguments.services, rounds=arguments.rounds)
        finally:
            engine.close()
    except BuildkitError as error:
        print(f"bench-fleet: {error}", file=sys.stderr)
        return error.exit_code
    except KeyboardInterrupt:
        print("bench-fleet: interrupted", file=sys.stderr)
        return 130
    facts = {
        "python": platform.python_version(),
        "kernel": platform.release(),
        "cores": os.cpu_count(),
        "load": round(os.getloadavg()[0], 1),
        "registry": "on disk" if arguments.disk else "in memory",
    }
    if arguments.json:
        print(report.as_json(rows, facts=facts))
        return 0
    print(report.table(rows))
    print()
    print(", ".join(f"{name} {value}" for name, value in facts.items()))
    return 0


if __name__ == "__main__":
    sys.exit(main())
