"""Which of an image's platforms is the one that is asked for?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from buildkit.values.oci import Platform

if TYPE_CHECKING:
    from collections.abc import Iterable

# What builders write for the same machine: https://github.com/containerd/platforms/blob/main/database.go
_ARCHITECTURES = {"x86_64": "amd64", "x86-64": "amd64", "aarch64": "arm64", "armhf": "arm"}
_DEFAULT_VARIANTS = {"amd64": "v1", "arm64": "v8", "arm": "v7"}


def normal(platform: Platform) -> Platform:
    """The same platform always by the same name: `linux/arm64/v8` is `linux/arm64`."""
    architecture = platform.architecture.lower()
    architecture = _ARCHITECTURES.get(architecture, architecture)
    variant = platform.variant.lower()
    if variant == _DEFAULT_VARIANTS.get(architecture):
        variant = ""
    return Platform(os=platform.os.lower() or "linux", architecture=architecture, variant=variant)


def choose(wanted: Platform, *, among: Iterable[Platform]) -> Platform | None:
    """The one to take for a service of this platform; None if there is none.

    A base for plain amd64 also carries services that were built for amd64/v3; never the other way round.
    """
    offered = {normal(platform): platform for platform in among}
    exact = normal(wanted)
    plain = Platform(os=exact.os, architecture=exact.architecture)
    return offered.get(exact) or offered.get(plain)
