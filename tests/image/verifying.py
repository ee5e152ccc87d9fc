"""Build a service's image and let the real command line look at it."""

import dataclasses
import json
import subprocess
import sys
import time
from pathlib import Path

from buildkit.decisions import naming, versions_file
from buildkit.edges import environment, files, upstream
from buildkit.edges.children import build_child
from buildkit.edges.engine import Engine
from buildkit.verbs.build import ROOT, VERSIONS

FAILING = Path(__file__).parent / "failing"


@dataclasses.dataclass(frozen=True)
class Found:
    """What a run of `verify --json` said."""

    exit_code: int
    document: dict
    stderr: str
    seconds: float

    @property
    def checks(self):
        (service,) = self.document["services"]
        return {check["name"]: check for check in service["checks"]}

    @property
    def failed(self):
        return [name for name, check in self.checks.items() if check["outcome"] == "FAIL"]

    @property
    def last_lines(self):
        (service,) = self.document["services"]
        return "\n".join(service["last_lines"])


class Bench:
    """The engine, and the base that the tests stand on."""

    def __init__(self):
        self.settings = environment.settings()
        self.engine = Engine.connect()
        self.base = f"{naming.repository(self.settings)}:{self.settings.tag or 'latest'}"
        assert self.engine.image_exists(self.base), f"{self.base} is not there: run `make build` first"

    def build(self, name):
        """Build the image of one directory of `failing`, and return its name."""
        tag = f"{self.settings.company}/test-verify-{name.replace('_', '-')}:latest"
        arguments = {"UPSTREAM": self.upstream()} if name == "not_on_the_base" else {}
        build_child(
            self.engine,
            FAILING,
            dockerfile=FAILING / name / "Dockerfile",
            tag=tag,
            base=self.base,
            ca_bundle=self.settings.ca_bundle,
            build_args=arguments,
        )
        return tag

    def upstream(self):
        """The image that the base itself was built on."""
        versions = versions_file.parse(files.read(VERSIONS))
        row = versions_file.choose(versions, python=self.settings.python)
        return upstream.resolve(self.engine, row, versions=versions, company=self.settings.company)

    def verify(self, *arguments):
        """Run `python -m buildkit verify --json` as a user does."""
        began = time.monotonic()
        ran = run_verify(*arguments, "--json")
        assert ran.stdout, ran.stderr
        return Found(ran.returncode, json.loads(ran.stdout), ran.stderr, time.monotonic() - began)

    def leftovers(self):
        """What verifying has left in the engine under our label: containers and networks."""
        selector = {"label": f"com.{self.settings.company}.buildkit.verify"}
        client = self.engine.client
        containers = client.containers.list(all=True, sparse=True, filters=selector)
        return [*containers, *client.networks.list(filters=selector)]


def run_verify(*arguments):
    command = [sys.executable, "-m", "buildkit", "verify", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=240, check=False)
