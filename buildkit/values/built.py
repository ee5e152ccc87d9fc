"""What did a builder make, before it is an image in a registry?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from buildkit.values.oci import Descriptor, ImageConfig


@dataclass(frozen=True, slots=True)
class BuiltImage:
    """One platform's image: its config, and its layers, which lie in the service's repository already."""

    config: ImageConfig
    layers: tuple[Descriptor, ...]


@dataclass(frozen=True, slots=True)
class Finished:
    """One platform's image as it goes to the registry."""

    built: BuiltImage
    config: bytes
    manifest: bytes
    annotations: Mapping[str, str]
