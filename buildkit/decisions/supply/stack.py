"""What is installed where some layers lie upon each other?

Whiteouts: https://github.com/opencontainers/image-spec/blob/main/layer.md#whiteouts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from buildkit.values.package import Contents, Kind, LayerFacts, Package

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


def contents(layers: Iterable[LayerFacts]) -> Contents:
    """The packages that are left when the last layer is laid on, ordered, each once."""
    files: dict[str, tuple[Package, ...]] = {}
    release: dict[str, str] = {}
    for layer in layers:
        gone = (
            *(f"{path}/" for path in layer.removed),
            *(f"{path}/" if path else "" for path in layer.opaque),
        )
        whole = set(layer.removed)
        if gone or whole:
            files = {
                path: found
                for path, found in files.items()
                if path not in whole and not path.startswith(gone)
            }
        files |= layer.packages
        release = layer.release or release
    return Contents(tuple(sorted({package for found in files.values() for package in found})), release)


def as_document(facts: LayerFacts) -> dict[str, Any]:
    """For a cache; `from_document` reads it."""
    return {
        "packages": {
            path: [
                [each.kind.value, each.name, each.version, each.architecture, each.source, each.license]
                for each in found
            ]
            for path, found in facts.packages.items()
        },
        "release": facts.release,
        "removed": list(facts.removed),
        "opaque": list(facts.opaque),
    }


def from_document(document: Mapping[str, Any]) -> LayerFacts:
    """What `as_document` wrote (KeyError, TypeError and ValueError if it is something else)."""
    return LayerFacts(
        packages={
            path: tuple(
                Package(Kind(kind), name, version, architecture, source, terms, path)
                for kind, name, version, architecture, source, terms in found
            )
            for path, found in document["packages"].items()
        },
        release=dict(document["release"]),
        removed=tuple(document["removed"]),
        opaque=tuple(document["opaque"]),
    )
