"""Which words make BuildKit build this image?"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from buildkit.decisions.builder_choice import Builder


@dataclass(frozen=True, slots=True)
class Build:
    """One image to build.

    Attributes:
        context: The directory that is sent to the builder.
        tags: Names of the result.
        dockerfile: None for the context's own.
        build_args: ARG values.
        labels: Inherited by every child: use them for what stays true of a child.
        annotations: About this image alone; left out where the engine cannot keep them.
        secrets: Files that RUN steps may mount, by id; never part of a layer.
        contexts: Named build contexts (buildx only).
        network: "host" where the engine's own network cannot be used.
        target: The stage to build; empty for the last.
        platforms: To build for; empty for the builder's own.
        outputs: What becomes of the result, where it is not the engine's (buildx only).
        metadata: Where the builder writes what it made, its digest above all (buildx only).
    """

    context: Path
    tags: tuple[str, ...]
    dockerfile: Path | None = None
    build_args: Mapping[str, str] = field(default_factory=dict)
    labels: Mapping[str, str] = field(default_factory=dict)
    annotations: Mapping[str, str] = field(default_factory=dict)
    secrets: Mapping[str, Path] = field(default_factory=dict)
    contexts: Mapping[str, str] = field(default_factory=dict)
    network: str = ""
    target: str = ""
    platforms: tuple[str, ...] = ()
    outputs: tuple[str, ...] = ()
    metadata: Path | None = None


def words(build: Build, *, builder: Builder) -> tuple[str, ...]:
    """The whole command line; mappings in a fixed order, so that the same build is the same line."""
    options: list[str] = [*builder.command, "--progress=plain"]
    options += _each("--tag", build.tags)
    if build.dockerfile is not None:
        options += ["--file", str(build.dockerfile)]
    if build.target:
        options += ["--target", build.target]
    if build.platforms:
        options += ["--platform", ",".join(build.platforms)]
    options += _each("--build-arg", _pairs(build.build_args))
    options += _each("--label", _pairs(build.labels))
    options += _each("--secret", (f"id={name},src={path}" for name, path in sorted(build.secrets.items())))
    if builder.buildx:
        # An attestation turns a plain image into an index, which other tools then have to see through.
        options += ["--provenance=false"]
        options += _each("--annotation", _pairs(build.annotations))
        options += _each("--build-context", _pairs(build.contexts))
        options += _each("--output", build.outputs)
        if build.metadata is not None:
            options += ["--metadata-file", str(build.metadata)]
    if build.network:
        options += ["--network", build.network]
    return (*options, str(build.context))


def _each(option: str, values: Iterable[str]) -> list[str]:
    return [word for value in values for word in (option, value)]


def _pairs(values: Mapping[str, str]) -> list[str]:
    return [f"{name}={value}" for name, value in sorted(values.items())]
