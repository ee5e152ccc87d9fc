"""For which platforms is a base released, and on which engine is each built?"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from buildkit.decisions import platforms
from buildkit.values.errors import Misuse
from buildkit.values.oci import Platform

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_PLATFORM = re.compile(r"[a-z0-9]+/[a-z0-9_]+(/[a-z0-9]+)?", re.ASCII)


def platform(text: str) -> Platform:
    """A platform by its usual name, `linux/arm64` (raises Misuse)."""
    if not _PLATFORM.fullmatch(text):
        raise Misuse(f"{text[:60]!r} is no platform", hint="write one like linux/arm64")
    return platforms.normal(Platform(*text.split("/")))


def wanted(text: str) -> tuple[Platform, ...]:
    """Those of a list with commas, each once, in its order; none for an empty text (raises Misuse)."""
    names = [part.strip() for part in text.split(",") if part.strip()]
    return tuple(dict.fromkeys(platform(name) for name in names))


def node(text: str) -> tuple[Platform, str]:
    """`linux/arm64=ssh://builder`: a platform, and the engine that is to build it (raises Misuse)."""
    name, equals, host = text.partition("=")
    if not equals or "://" not in host:
        raise Misuse(f"{text[:80]!r} is no node", hint="write linux/arm64=ssh://host, or tcp:// or unix://")
    return platform(name), host


def spread(
    wanted: Iterable[Platform], *, nodes: Mapping[Platform, str], own: Platform
) -> Mapping[Platform, str]:
    """The engine for each platform, empty for the local one; without any wish, the local engine's own platform.

    Raises:
        Misuse: a node was given for a platform that nobody asked for.
    """
    chosen = tuple(wanted) or tuple(dict.fromkeys((own, *nodes)))
    if surplus := [place for place in nodes if place not in chosen]:
        raise Misuse(
            f"a node for {surplus[0]}, which is not released", hint=f"add it: --platforms {surplus[0]},..."
        )
    return {place: nodes.get(place, "") for place in chosen}
