"""Which docker command here can drive BuildKit?"""

import re
from dataclasses import dataclass

from buildkit.values.errors import NoBuilder

# From 23.0 on the docker command has no BuildKit client of its own: it hands builds to its buildx plugin, and
# without the plugin falls back to a builder that knows no mounts.
# https://docs.docker.com/engine/release-notes/23.0/
FIRST_WITHOUT_ITS_OWN = 23


@dataclass(frozen=True, slots=True)
class Candidate:
    """One docker command on PATH: where, what `docker --version` printed, and whether it has buildx."""

    path: str
    version: str
    buildx: bool


@dataclass(frozen=True, slots=True)
class Builder:
    """How to call BuildKit.

    Attributes:
        command: The words before a build's options.
        environment: Variables that this command needs.
        buildx: Whether it is the plugin: it takes options that the command's own client has not.
    """

    command: tuple[str, ...]
    environment: tuple[tuple[str, str], ...] = ()
    buildx: bool = False


def choose(candidates: tuple[Candidate, ...], *, context: str = "default") -> Builder:
    """The first command that has buildx, else the first with a BuildKit client of its own.

    Args:
        candidates: In the order of PATH.
        context: Name of the docker context. The plugin has a builder by that name which is the engine itself;
            any other builder would not see the engine's images.

    Raises:
        NoBuilder: None can.
    """
    for candidate in candidates:
        if candidate.buildx:
            command = (candidate.path, "buildx", "build", "--builder", context, "--load")
            return Builder(command=command, buildx=True)
    for candidate in candidates:
        major = _major(candidate.version)
        if major is not None and major < FIRST_WITHOUT_ITS_OWN:
            return Builder(command=(candidate.path, "build"), environment=(("DOCKER_BUILDKIT", "1"),))
    found = (
        ", ".join(f"{candidate.path} ({candidate.version})" for candidate in candidates)
        or "no docker command"
    )
    raise NoBuilder(
        f"nothing here can drive BuildKit: found {found}",
        hint="run `make engine`, or install docker's buildx plugin",
    )


def _major(version: str) -> int | None:
    match = re.search(r"(\d+)\.\d+", version)
    return int(match[1]) if match else None
