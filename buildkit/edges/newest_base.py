"""Which release of the base is a service to be built on, if nobody says: the one that its Dockerfile follows."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from buildkit.decisions import base_version, followed
from buildkit.edges import rebuilding
from buildkit.values.errors import NotInRegistry

if TYPE_CHECKING:
    from pathlib import Path

    from buildkit.edges.registry import Registry
    from buildkit.values.blueprint import Blueprint
    from buildkit.values.oci import Reference


def find(
    registry: Registry, base: Reference, *, blueprint: Blueprint, directory: Path, version: str = ""
) -> Reference:
    """The base by digest.

    Args:
        registry: Has it.
        base: The base's repository.
        blueprint: What is built.
        directory: What a relative source is relative to.
        version: Tag or version of the base; empty for what the Dockerfile follows.

    Raises:
        BadSource: There is no source.
        BadDockerfile: It does not parse.
        NotInRegistry: There is no such release.
    """
    tag = version
    if not tag:
        found = rebuilding.look(blueprint, base=base, directory=directory)
        tag = followed.tag(found)
    there = registry.head(base.repository, tag)
    if there is None:
        hint = (
            "`python -m buildkit release` makes one"
            if base_version.find(tag) is None
            else "is it spelt right?"
        )
        raise NotInRegistry(f"there is no base {base.name}:{tag}", hint=hint)
    return dataclasses.replace(base, tag=tag, digest=there.digest)
