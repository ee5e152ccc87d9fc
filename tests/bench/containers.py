"""Starts the sides' containers attached, and talks to the program in each of them line by line."""

import contextlib
import itertools
import os
import subprocess

from buildkit.values.errors import CommandFailed
from tests.bench.sides import SETTINGS

KEPT_LINES = 15
_numbers = itertools.count()


class Program:
    """A program in a container of its own: ready when it prints READY, gone when the context ends.

    The host's network is used: no bridge, no address translation in between, whose cost varies.
    """

    def __init__(self, side, *command, images, backend, environment=None):
        self.name = f"bench-{os.getpid()}-{next(_numbers)}-{side.name}"
        settings = {
            **SETTINGS,
            "OTEL_EXPORTER_OTLP_ENDPOINT": f"{backend.url}/{side.name}",
            "BENCH_UPSTREAM": backend.url,
            **(environment or {}),
        }
        variables = [word for key, value in settings.items() for word in ("--env", f"{key}={value}")]
        options = ["--rm", "--interactive", "--network=host", f"--name={self.name}", *variables]
        self._process = subprocess.Popen(
            ["docker", "run", *options, images[side.traced_image], *command],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def wait_until_ready(self):
        self.expect("READY")

    def ask(self, line):
        """Send a line and return the one that answers it."""
        self._process.stdin.write(line + "\n")
        self._process.stdin.flush()
        return self.expect("")

    def expect(self, start):
        """Return the next line that begins so.

        Raises:
            CommandFailed: The program ended without one.
        """
        seen = []
        for line in self._process.stdout:
            if line.startswith(start):
                return line.strip()
            seen.append(line.strip())
        last = " | ".join(seen[-KEPT_LINES:]) or "without a word"
        raise CommandFailed(f"{self.name} ended: {last}")

    def pid(self):
        """The process at the end of the chain in the container (tini, gunicorn, its worker), as we see it."""
        inspect = ["docker", "inspect", "--format={{.State.Pid}}", self.name]
        pid = subprocess.run(inspect, capture_output=True, text=True, check=True).stdout.strip()
        while children := _children(pid):
            pid = children[0]
        return int(pid)

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        remove = ["docker", "rm", "--force", self.name]
        subprocess.run(remove, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            with contextlib.suppress(BrokenPipeError):
                pipe.close()


def _children(pid):
    try:
        with open(f"/proc/{pid}/task/{pid}/children") as file:
            return file.read().split()
    except FileNotFoundError:
        raise CommandFailed(
            f"process {pid} of the engine is not in /proc here", hint="run the bench on the engine's machine"
        ) from None
