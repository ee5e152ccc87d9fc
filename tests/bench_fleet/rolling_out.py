"""`python -m tests.bench_fleet.rolling_out`: a whole rollout of real services, each run in order to be verified.

Every service is an image that answers requests and calls another service by name. What is timed is
`python -m buildkit rollout`, from its start to its end: plan, rebase, verification, SBOM and provenance, tags.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from buildkit.decisions import naming
from buildkit.edges import environment
from buildkit.edges.engine import Engine
from buildkit.edges.progress import step
from buildkit.edges.registry import Registry
from buildkit.values.errors import BuildkitError
from tests.fleet.demo_fleet import NEW, OLD, DemoFleet
from tests.fleet.registry import RegistryServer

ROOT = Path(__file__).parents[2]
TARGET = 10.0
FLEET = """\
registry = "{host}"
base = "{prefix}/python-service"
discover = "{prefix}/service-*"
"""


class LargeFleet(DemoFleet):
    """Many services on the older of two bases."""

    def fill_with(self, services):
        below = naming.repository(self.settings) + ":latest"
        old, _new = (self._release(number, below=below) for number in (OLD, NEW))
        for number in range(services):
            self._service(f"service-{number:03}", base=old)
        text = FLEET.format(host=self.registry.host, prefix=self.prefix)
        (self.directory / "fleet.toml").write_text(text)


def roll(directory):
    """The rollout's seconds and its report."""
    report = directory / "report.json"
    environ = {**os.environ, "PYTHONPATH": str(ROOT), "XDG_CACHE_HOME": str(directory / "cache")}
    began = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-m", "buildkit", "rollout", "--json", "--report", str(report)],
        cwd=directory,
        env=environ,
        stdout=subprocess.DEVNULL,
        check=False,
    )
    seconds = time.perf_counter() - began
    if done.returncode:
        sys.exit(f"the rollout ended with {done.returncode}")
    return seconds, json.loads(report.read_text())


def main():
    parser = argparse.ArgumentParser(prog="python -m tests.bench_fleet.rolling_out", description=__doc__)
    parser.add_argument("--services", type=int, default=50, help="how many (%(default)s)")
    arguments = parser.parse_args()
    engine, settings = Engine.connect(), environment.settings()
    try:
        with (
            RegistryServer(engine, settings) as server,
            Registry.connect(server.host) as registry,
            tempfile.TemporaryDirectory(prefix="bench-") as name,
        ):
            directory = Path(name)
            fleet = LargeFleet(engine, settings, registry=registry, directory=directory, prefix="bench")
            try:
                with step(f"{arguments.services} services on {OLD}"):
                    fleet.fill_with(arguments.services)
                seconds, report = roll(directory)
            finally:
                fleet.clean()
    except BuildkitError as error:
        print(f"rolling_out: {error}", file=sys.stderr)
        return error.exit_code
    finally:
        engine.close()
    each = seconds / arguments.services
    moved = sum(service["outcome"] == "moved" for service in report["services"])
    print(
        f"{moved} of {arguments.services} services moved in {seconds:.0f} s: {each:.1f} s a service", end=""
    )
    print(f" (target: < {TARGET:.0f} s{'' if each < TARGET else ', missed'}); load {os.getloadavg()[0]:.1f}")
    return int(moved != arguments.services)


if __name__ == "__main__":
    sys.exit(main())
