"""A rollout in a process of its own, whose verifier follows a script and which can be killed at any journal line.

Registry, bases, rebase, journal, lock, lease and command line are real. Only the verifier is not: what is tested here
is what a rollout does with verdicts, and at which moment it can be killed, many hundred times.
"""

import contextlib
import datetime as dt
import json
import multiprocessing
import os
import signal
import sys
from pathlib import Path

from buildkit.decisions import lease_json
from buildkit.edges.registry import Registry
from buildkit.edges.rollout_parts import Proof
from buildkit.values.lease import Lease
from buildkit.values.oci import OCI_MANIFEST

_processes = multiprocessing.get_context("forkserver")
_processes.set_forkserver_preload(["buildkit.cli", "tests.fleet.rolling"])


class ScriptedVerifier:
    """Passes what its script does not fail, and writes down what it was asked.

    Args:
        log: where each verdict is appended as a line of JSON.
        originals: digest of each service before the rollout.
        broken: services that fail on the new base.
        always_broken: services that fail on their old base, too.
        unproven: services whose tracing was proven on their old base and is not on the new one.
        steal: host and repository whose lease somebody takes over while we verify.
    """

    def __init__(self, *, log, originals, broken=(), always_broken=(), unproven=(), steal=()):
        self._log = log
        self._originals = originals
        self._broken = broken
        self._always = always_broken
        self._unproven = unproven
        self._steal = steal

    def verify(self, digest, *, entry):
        if self._steal:
            host, repository = self._steal
            lease = Lease("a thief", "0009", place="another/1", process="1/1", seconds=2)
            with Registry.connect(host) as registry:
                raw = lease_json.written(lease)
                registry.put(repository, raw, media_type=OCI_MANIFEST, version=lease_json.TAG)
        is_old = digest == self._originals[entry.name]
        passed = entry.name not in self._always and (is_old or entry.name not in self._broken)
        with Path(self._log).open("a") as log:
            log.write(json.dumps({"service": entry.name, "digest": digest, "passed": passed}) + "\n")
        if passed:
            return Proof(
                True, attestation="sha256:" + "a" * 64, proven=is_old or entry.name not in self._unproven
            )
        return Proof(False, "server span: none arrived", "look at its log")

    def known(self, digest, *, entry):
        if digest == self._originals[entry.name] and entry.name in self._unproven:
            return Proof(True)
        return None


class Killing:
    """Kills its own process with SIGKILL at the nth line that a journal takes: torn in its middle, or after it."""

    def __init__(self, journal, *, line, torn):
        self._write = journal._write
        self._line = line
        self._torn = torn
        self._count = 0

    def install(self, journal):
        def write(myself, line):
            self._count += 1
            if self._count == self._line and self._torn:
                os.write(myself._descriptor, line[: len(line) // 2])
                os.kill(os.getpid(), signal.SIGKILL)
            self._write(myself, line)
            if self._count == self._line:
                os.kill(os.getpid(), signal.SIGKILL)

        journal._write = write


class NoEngine:
    """No engine is needed where nothing runs."""

    @classmethod
    def connect(cls):
        return cls()

    def close(self):
        pass


def _fill(journal, path):
    """Let the disk be full from the first line after the plan on."""
    write = journal._write

    def filling(myself, line):
        if myself._count:
            with Path(path).open("ab", buffering=0) as file, contextlib.suppress(OSError):
                while file.write(b"x" * 512):
                    """Until there is no room left."""
        write(myself, line)

    journal._write = filling


def _jump(journal_module, seconds):
    """What the wall clock says from now on."""
    journal_module._now = (dt.datetime.now(tz=dt.UTC) + dt.timedelta(seconds=seconds)).isoformat


def _main(arguments, script, output, *, kill, settle, fill, clock):
    from buildkit import cli
    from buildkit.edges import journal as journal_module
    from buildkit.edges import rollout_lease, rollout_scene
    from buildkit.edges.journal import Journal

    for number, name in ((1, "stdout"), (2, "stderr")):
        os.dup2(os.open(f"{output}.{name}", os.O_WRONLY | os.O_CREAT | os.O_TRUNC), number)
    rollout_lease.SETTLE = settle
    rollout_scene.Engine = NoEngine
    rollout_scene.CompanyVerifier = lambda *_args, **_kwargs: ScriptedVerifier(**script)
    if kill:
        Killing(Journal, **kill).install(Journal)
    if fill:
        _fill(Journal, fill)
    if clock is not None:
        _jump(journal_module, clock)
    code = cli.main(arguments)
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


class Rolling:
    """A fleet of synthetic services in a real registry.

    Args:
        directory: for fleet.toml, journals and logs.
        maker: has pushed bases, and pushes services.
        prefix: of all repositories.
    """

    def __init__(self, directory, *, maker, prefix):
        self.directory = directory
        self.maker = maker
        self.registry = maker.registry
        self.prefix = prefix
        self.originals = {}
        self.script = {}
        self._more = ""
        self._entries = {}

    def service(self, name, *own, more="", **options):
        """Push a service, and name it in fleet.toml."""
        self.originals[name] = self.maker.service(f"{self.prefix}/{name}", *(own or (name,)), **options)
        self._entries[name] = more
        self._write()

    def foreign(self, name):
        """A service that stands on something else."""
        repository = f"{self.prefix}/{name}"
        entry = self.maker.image(repository, ["alpine", name], settings={})
        self.originals[name] = self.maker.tagged(repository, "latest", [entry])
        self._entries[name] = ""
        self._write()

    def named(self, name, more=""):
        """A service that is only in fleet.toml."""
        self._entries[name] = more
        self._write()

    def settings(self, text):
        self._more = text
        self._write()

    def _write(self):
        # Its labels are com.company's, whatever COMPANY the tests run with.
        lines = [
            f'registry = "{self.registry.host}"',
            f'base = "{self.maker.base}"',
            'company = "company"',
        ]
        for name, more in self._entries.items():
            lines += [f"[service.{name}]", f'image = "{self.prefix}/{name}"', more]
        (self.directory / "fleet.toml").write_text("\n".join([*lines, self._more]) + "\n")

    def reset(self):
        """Every tag back to its first image, and no rollout was ever begun."""
        for name, digest in self.originals.items():
            repository = f"{self.prefix}/{name}"
            found = self.registry.get(repository, digest)
            self.registry.put(repository, found.raw, media_type=found.media_type, version="latest")
        for path in [*self.directory.glob("rollouts/*"), self.directory / "verdicts"]:
            path.unlink(missing_ok=True)

    def tags(self):
        """The digest that each service's tag stands for."""
        return {name: self.registry.head(f"{self.prefix}/{name}", "latest").digest for name in self.originals}

    def start(self, *arguments, kill=None, verb="rollout", settle=0.05, fill="", clock=None):
        """Begin a rollout in another process."""
        script = {"log": str(self.directory / "verdicts"), "originals": self.originals, **self.script}
        fleet = str(self.directory / "fleet.toml")
        process = _processes.Process(
            target=_main,
            args=([verb, *arguments, "--fleet", fleet], script, str(self.directory / "said")),
            kwargs={"kill": kill, "settle": settle, "fill": fill, "clock": clock},
        )
        process.start()
        return process

    def run(self, *arguments, **options):
        """Do it to its end, and return its exit code; a negative one is a signal's number."""
        process = self.start(*arguments, **options)
        process.join(60)
        assert process.exitcode is not None, "it hangs"
        return process.exitcode

    @property
    def stdout(self):
        return (self.directory / "said.stdout").read_text()

    @property
    def stderr(self):
        return (self.directory / "said.stderr").read_text()

    @property
    def journal(self):
        """The lines of the last journal; a torn one is left out."""
        path = max((self.directory / "rollouts").glob("*.jsonl"), key=lambda path: path.name)
        lines = []
        for line in path.read_text().splitlines():
            with contextlib.suppress(ValueError):
                lines.append(json.loads(line))
        return lines

    @property
    def report(self):
        """Outcome of each service, as the report's file has it."""
        path = max((self.directory / "rollouts").glob("*.report.json"), key=lambda path: path.name)
        return {service["name"]: service["outcome"] for service in json.loads(path.read_text())["services"]}

    @property
    def verdicts(self):
        path = self.directory / "verdicts"
        return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []

    def assert_no_unverified_tag(self):
        """The promise: a tag stands for its first image, or for one that has passed."""
        passed = {(verdict["service"], verdict["digest"]) for verdict in self.verdicts if verdict["passed"]}
        for name, digest in self.tags().items():
            assert digest == self.originals[name] or (name, digest) in passed, f"{name} was not verified"
