"""Build a service's image and let the real command line look at it."""

import dataclasses
import hashlib
import json
import subprocess
import sys
import time
from pathlib import Path

from buildkit.edges.children import build_child
from buildkit.verbs.build import ROOT

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
    """The engine, the base to stand on, and the images made on it, which `clean` removes.

    Args:
        engine: builds.
        settings: say the company and its certificates.
        base: the base image's name.
        upstream: what the base itself was built on.
    """

    def __init__(self, engine, settings, *, base, upstream):
        self.engine = engine
        self.settings = settings
        self.base = base
        self.upstream = upstream
        self.made = set()

    def build(self, name, *, base=None):
        """Build the image of one directory of `failing`, and return its name."""
        arguments = {"UPSTREAM": self.upstream} if name == "not_on_the_base" else {}
        dockerfile = FAILING / name / "Dockerfile"
        return self.build_from(FAILING, name=name, dockerfile=dockerfile, build_args=arguments, base=base)

    def build_from(self, context, *, name, base=None, **options):
        where = hashlib.sha256((base or self.base).encode()).hexdigest()[:6]
        tag = f"{self.settings.company}/test-verify-{name.replace('_', '-')}:{where}"
        build_child(
            self.engine,
            context,
            tag=tag,
            base=base or self.base,
            ca_bundle=self.settings.ca_bundle,
            **options,
        )
        self.made.add(tag)
        return tag

    def clean(self):
        for tag in self.made:
            self.engine.client.images.remove(tag, force=True)

    def verify(self, *arguments):
        """Run `python -m buildkit verify --json` as a user does."""
        began = time.monotonic()
        ran = run_verify(*arguments, "--json")
        assert ran.stdout, ran.stderr
        return Found(ran.returncode, json.loads(ran.stdout), ran.stderr, time.monotonic() - began)

    def running(self):
        """The containers of verifications that are under way."""
        selector = {"label": f"com.{self.settings.company}.buildkit.verify"}
        return self.engine.client.containers.list(sparse=True, filters=selector)

    def leftovers(self):
        """What verifying has left in the engine under our label: containers and networks."""
        selector = {"label": f"com.{self.settings.company}.buildkit.verify"}
        client = self.engine.client
        containers = client.containers.list(all=True, sparse=True, filters=selector)
        return [*containers, *client.networks.list(filters=selector)]


def run_verify(*arguments):
    command = [sys.executable, "-m", "buildkit", "verify", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=240, check=False)
