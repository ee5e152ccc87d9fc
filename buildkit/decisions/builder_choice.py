"""Which docker command here can drive BuildKit, and what can that BuildKit do?"""

import re
from dataclasses import dataclass

from buildkit.values.errors import NoBuilder

# From 23.0 on the docker command has no BuildKit client of its own: it hands builds to its buildx plugin, and
# without the plugin falls back to a builder that knows no mounts.
# https://docs.docker.com/engine/release-notes/23.0/
FIRST_WITHOUT_ITS_OWN = 23
# https://github.com/moby/buildkit/releases/tag/v0.10.0; an engine of 20.10 has 0.8, one of 23.0 has 0.10.
FIRST_WITH_NAMED_CONTEXTS = (0, 10)
FIRST_ENGINE_WITH_NAMED_CONTEXTS = 23


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
        name: Of the buildx builder that was asked for; empty for the engine's own.
        named_contexts: Whether a build's images can be replaced by name, without an edited Dockerfile.
        engine: Whether it is the BuildKit of an engine, known by the name of its docker context: it cannot push by
            digest, but its images can be taken out of it.
    """

    command: tuple[str, ...]
    environment: tuple[tuple[str, str], ...] = ()
    buildx: bool = False
    name: str = ""
    named_contexts: bool = False
    engine: bool = False


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
    raise NoBuilder(
        f"nothing here can drive BuildKit: found {_listed(candidates)}",
        hint="run `make engine`, or install docker's buildx plugin",
    )


def named(candidates: tuple[Candidate, ...], *, name: str) -> Builder:
    """The buildx builder of that name, whose results stay with it or go to a registry.

    Raises:
        NoBuilder: No command here has the plugin.
    """
    for candidate in candidates:
        if candidate.buildx:
            command = (candidate.path, "buildx", "build", "--builder", name)
            return Builder(command=command, buildx=True, name=name)
    raise NoBuilder(
        f"the builder {name} needs docker's buildx plugin: found {_listed(candidates)}",
        hint="install the plugin, or build with the engine",
    )


def is_engine(inspected: str) -> bool:
    """Whether `buildx inspect` tells of an engine's own BuildKit, which a docker context leads to."""
    return re.search(r"(?im)^driver:\s*docker\s*$", inspected) is not None


def has_named_contexts(inspected: str, *, engine: str = "") -> bool:
    """Whether a builder replaces images by name.

    Args:
        inspected: What `buildx inspect` says; all its nodes must.
        engine: Version of the engine whose BuildKit it is; distributions leave the BuildKit's own out (v0.0.0).
    """
    versions = re.findall(r"(?im)^\s*buildkit(?: version)?:\s*v?(\d+)\.(\d+)", inspected)
    numbers = [(int(major), int(minor)) for major, minor in versions]
    if (0, 0) in numbers or not numbers:
        return (_major(engine) or 0) >= FIRST_ENGINE_WITH_NAMED_CONTEXTS
    return all(number >= FIRST_WITH_NAMED_CONTEXTS for number in numbers)


def _listed(candidates: tuple[Candidate, ...]) -> str:
    return (
        ", ".join(f"{candidate.path} ({candidate.version})" for candidate in candidates)
        or "no docker command"
    )


def _major(version: str) -> int | None:
    match = re.search(r"(\d+)\.\d+", version)
    return int(match[1]) if match else None
