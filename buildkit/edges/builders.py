"""Look at the docker commands of this machine."""

import dataclasses
import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

from buildkit.decisions.builder_choice import Builder, Candidate, choose, has_named_contexts, is_engine, named
from buildkit.edges import commands
from buildkit.values.errors import CommandFailed, NoBuilder

PROBE_SECONDS = 10


def find(name: str = "", *, context: str | None = None, host: str = "") -> Builder:
    """How to call BuildKit here.

    Args:
        name: Of a buildx builder; empty for the engine's own BuildKit.
        context: Name of the docker context whose engine that is; None for the current one.
        host: What DOCKER_HOST is to be for it; empty for what it is.

    Raises:
        NoBuilder: No docker command on PATH can, or there is no such builder, or it does not start.
    """
    candidates = tuple(_probe(path) for path in _on_path("docker"))
    builder = (
        named(candidates, name=name) if name else choose(candidates, context=context or _context(candidates))
    )
    return _looked_at(builder, host=host) if builder.buildx else builder


def _looked_at(builder: Builder, *, host: str) -> Builder:
    """The same with what its BuildKit can do; it is started if it is not running."""
    docker, *rest = builder.command
    name = rest[rest.index("--builder") + 1]
    environment = {"DOCKER_HOST": host} if host else {}
    try:
        lines = commands.run(
            (docker, "buildx", "inspect", "--bootstrap", name),
            what=f"looking at the builder {name}",
            environment=environment,
        )
    except CommandFailed as error:
        raise NoBuilder(error.message, hint="`docker buildx ls` has the builders' names") from None
    inspected = "\n".join(lines)
    if not is_engine(inspected):
        return dataclasses.replace(builder, named_contexts=has_named_contexts(inspected))
    # A builder that is another context's engine can be used from within that context only.
    within = ("--context", name) if builder.name else ()
    version = _output(docker, *within, "version", "--format", "{{.Server.Version}}", environment=environment)
    return dataclasses.replace(
        builder,
        command=(docker, *within, *rest),
        named_contexts=has_named_contexts(inspected, engine=version),
        engine=True,
    )


def _on_path(name: str) -> list[str]:
    """Every program of that name: a new one without the plugin may hide an old one that can build alone."""
    found: dict[Path, str] = {}
    for directory in os.get_exec_path():
        path = shutil.which(name, path=directory)
        if path:
            found.setdefault(Path(path).resolve(), path)
    return list(found.values())


def _probe(path: str) -> Candidate:
    return Candidate(
        path=path,
        version=_output(path, "--version"),
        buildx=bool(_output(path, "buildx", "version")),
    )


def _context(candidates: tuple[Candidate, ...]) -> str:
    usable = next((candidate.path for candidate in candidates if candidate.buildx), None)
    return (usable and _output(usable, "context", "show")) or "default"


def _output(*command: str, environment: Mapping[str, str] | None = None) -> str:
    """What the command printed, empty if it failed."""
    try:
        done = subprocess.run(
            command,
            capture_output=True,
            text=True,
            timeout=PROBE_SECONDS,
            check=False,
            stdin=subprocess.DEVNULL,
            env={**os.environ, **(environment or {})},
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""
