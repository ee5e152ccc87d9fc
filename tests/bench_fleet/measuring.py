"""How long do status and rebase of a whole fleet take, and how many requests?"""

import os
import resource
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from buildkit.decisions import base_version
from buildkit.edges import bases, rebasing, services
from buildkit.edges.documents import Documents
from buildkit.edges.registry import Registry
from buildkit.values.oci import Reference
from tests.bench_fleet import company

ROOT = Path(__file__).parents[2]
FLEET = """\
registry = "{host}"
company = "{company}"
discover = "team-*"
"""


@dataclass(frozen=True, slots=True)
class Run:
    """One run over the whole fleet.

    Attributes:
        seconds: Wall-clock time.
        images: How many.
        requests: How many were sent for them; 0 where another process sent them.
        ours: Seconds of CPU time of our process.
        registrys: And of the registry.
    """

    seconds: float
    images: int
    requests: int = 0
    ours: float = 0.0
    registrys: float = 0.0


class _Stopwatch:
    """What a `with` block takes."""

    def __init__(self, server, *, whose):
        self._server = server
        self._whose = whose

    def __enter__(self):
        # The clock is started last and stopped first: the engine takes its time for the registry's figure.
        self._registrys = self._server.cpu_seconds()
        self._ours = self._used()
        self._began = time.perf_counter()
        return self

    def __exit__(self, *exc_info):
        self.seconds = time.perf_counter() - self._began
        self.ours = self._used() - self._ours
        self.registrys = self._server.cpu_seconds() - self._registrys

    def _used(self):
        used = resource.getrusage(self._whose)
        return used.ru_utime + used.ru_stime


def status(server, *, images, cache):
    """`python -m buildkit status` as its user waits for it, from its start to its end."""
    with tempfile.TemporaryDirectory(prefix="bench-fleet-") as directory:
        path = Path(directory) / "fleet.toml"
        path.write_text(FLEET.format(host=server.host, company=company.COMPANY))
        with _Stopwatch(server, whose=resource.RUSAGE_CHILDREN) as watch:
            done = subprocess.run(
                [sys.executable, "-m", "buildkit", "status", "--fleet", str(path)],
                cwd=ROOT,
                env={**os.environ, "XDG_CACHE_HOME": str(cache), "COLUMNS": "200"},
                capture_output=True,
                text=True,
                check=False,
            )
    found = done.stdout.count("service-")
    if done.returncode or found < images:
        raise RuntimeError(f"status ({done.returncode}) told of {found} services: {done.stderr[-500:]}")
    return Run(watch.seconds, images, ours=watch.ours, registrys=watch.registrys)


def rebase(server, *, images, onto, planned):
    """Put every image onto a release, by digest.

    Args:
        server: The registry.
        images: How many services it has.
        onto: The release's version.
        planned: Whether the images' documents are known before the clock starts, as in a rollout, which has made
            its plan from them.
    """
    host = server.host
    version = base_version.parse(onto)
    with (
        Registry.connect(host, budget=company.AT_ONCE) as registry,
        ThreadPoolExecutor(company.AT_ONCE) as pool,
    ):
        documents = Documents(registry, directory=None)
        catalogue = bases.read(documents, Reference(host, company.BASE), company=company.COMPANY)
        target = rebasing.release(catalogue, version)
        references = [Reference(host, company.service(number), "latest") for number in range(images)]
        with tempfile.TemporaryDirectory(prefix="bench-fleet-") as directory:
            if planned:
                documents = Documents(registry, directory=Path(directory))

                def look(reference):
                    at = services.look(documents, reference, base=company.BASE)
                    return Reference(host, reference.repository, digest=at.digest)

                references = list(pool.map(look, references))
            requests = registry.requests
            with _Stopwatch(server, whose=resource.RUSAGE_SELF) as watch:
                done = list(
                    pool.map(
                        lambda reference: rebasing.rebase(
                            registry, reference, bases=catalogue, onto=target, documents=documents
                        ),
                        references,
                    )
                )
            requests = registry.requests - requests
        if not all(each.changed for each in done):
            raise RuntimeError("not every image was rebased")
        if registry.head(references[-1].repository, done[-1].digest) is None:
            raise RuntimeError("the result is not in the registry")
    return Run(watch.seconds, images, requests, ours=watch.ours, registrys=watch.registrys)
