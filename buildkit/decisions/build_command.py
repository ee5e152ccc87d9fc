"""Which words make BuildKit build this image?"""

from collections.abc import Mapping
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
        platform: what it is for (`linux/arm64`); empty for the builder's own.
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
    platform: str = ""


def words(build: Build, *, builder: Builder) -> tuple[str, ...]:
    """The whole command line; mappings in a fixed order, so that the same build is the same line."""
    options: list[str] = [*builder.command, "--progress=plain"]
    for tag in build.tags:
        options += ["--tag", tag]
    if build.dockerfile is not None:
        options += ["--file", str(build.dockerfile)]
    for name, value in sorted(build.build_args.items()):
        options += ["--build-arg", f"{name}={value}"]
    for name, value in sorted(build.labels.items()):
        options += ["--label", f"{name}={value}"]
    for name, path in sorted(build.secrets.items()):
        options += ["--secret", f"id={name},src={path}"]
    if builder.buildx:
        # An attestation turns a plain image into an index, which other tools then have to see through.
        options += ["--provenance=false"]
        for name, value in sorted(build.annotations.items()):
            options += ["--annotation", f"{name}={value}"]
        for name, value in sorted(build.contexts.items()):
            options += ["--build-context", f"{name}={value}"]
    if build.platform:
        options += ["--platform", build.platform]
    if build.network:
        options += ["--network", build.network]
    return (*options, str(build.context))
