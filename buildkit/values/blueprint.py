"""How is a service's image built, and what came of it?"""

from __future__ import annotations

from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from buildkit.values.oci import Reference


def _empty() -> Mapping[str, str]:
    return MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Blueprint:
    """What a service's image is built from.

    Attributes:
        source: a directory, or a git URL as docker takes them (`https://host/repo.git#ref:directory`).
        dockerfile: path of the Dockerfile in the source.
        target: stage to build; empty for the last one.
        build_args: values of ARGs.
        platforms: those to build for; empty for all that the base has if a builder is named, else the engine's.
        service: name that is stamped into the image, for its traces; empty for none.
        move_pinned: whether a base that the Dockerfile names by digest is replaced as well.
    """

    source: str
    dockerfile: str = "Dockerfile"
    target: str = ""
    build_args: Mapping[str, str] = field(default_factory=_empty, hash=False)
    platforms: tuple[str, ...] = ()
    service: str = ""
    move_pinned: bool = False


@dataclass(frozen=True, slots=True)
class GitSource:
    """A git repository, what to check out of it, and which of its directories is the build's context."""

    url: str
    ref: str = ""
    directory: str = ""


@dataclass(frozen=True, slots=True)
class Checkout:
    """A source that lies on this machine.

    Attributes:
        context: the build's context.
        origin: where it is from, without credentials.
        commit: what was checked out; empty if unknown, with `-dirty` if the files differ from it.
    """

    context: Path
    origin: str
    commit: str = ""


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """What a rebuild made.

    Attributes:
        reference: the image, by digest; no tag stands for it yet.
        base: what it stands on, by digest.
        changed: False if the image of before has the same layers and the same config; then it is that one.
        platforms: of the image.
        origin: where the source is from.
        commit: of the source, empty if unknown.
        builder: the buildx builder, empty for the engine.
        replaced_pin: the digest that the Dockerfile names; empty unless it names one.
    """

    reference: Reference
    base: Reference
    changed: bool
    platforms: tuple[str, ...]
    origin: str
    commit: str = ""
    builder: str = ""
    replaced_pin: str = ""
