"""What lies in a registry: references, descriptors, manifests, indexes, and an image's config.

The names are those of the OCI image specification (https://github.com/opencontainers/image-spec); Docker's
manifests of schema 2 have the same members under media types of their own. Documents keep the bytes that
they were read from: their digest is over those bytes, and what we do not know must survive.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

OCI_MANIFEST = "application/vnd.oci.image.manifest.v1+json"
OCI_INDEX = "application/vnd.oci.image.index.v1+json"
OCI_CONFIG = "application/vnd.oci.image.config.v1+json"
OCI_LAYER = "application/vnd.oci.image.layer.v1.tar+gzip"
OCI_EMPTY = "application/vnd.oci.empty.v1+json"
DOCKER_MANIFEST = "application/vnd.docker.distribution.manifest.v2+json"
DOCKER_INDEX = "application/vnd.docker.distribution.manifest.list.v2+json"
DOCKER_CONFIG = "application/vnd.docker.container.image.v1+json"
DOCKER_LAYER = "application/vnd.docker.image.rootfs.diff.tar.gzip"
MANIFESTS = (OCI_MANIFEST, DOCKER_MANIFEST)
INDEXES = (OCI_INDEX, DOCKER_INDEX)

ANNOTATION_BASE_NAME = "org.opencontainers.image.base.name"
ANNOTATION_BASE_DIGEST = "org.opencontainers.image.base.digest"


def _empty() -> Mapping[str, Any]:
    return MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Reference:
    """Where an image is: `registry/repository`, and a tag or a digest or both.

    Attributes:
        registry: host, with its port if it names one (`localhost:5000`).
        repository: path below it (`company/python-service`).
        tag: empty if only a digest is named.
        digest: `sha256:...`, empty if only a tag is named. It wins over the tag.
    """

    registry: str
    repository: str
    tag: str = ""
    digest: str = ""

    @property
    def name(self) -> str:
        """Without tag and digest."""
        return f"{self.registry}/{self.repository}"

    @property
    def version(self) -> str:
        """What to ask the registry for: the digest if there is one, else the tag."""
        return self.digest or self.tag

    def __str__(self) -> str:
        tag = f":{self.tag}" if self.tag else ""
        digest = f"@{self.digest}" if self.digest else ""
        return f"{self.name}{tag}{digest}"


@dataclass(frozen=True, slots=True, order=True)
class Platform:
    """An operating system and a machine; the names are Go's."""

    os: str = "linux"
    architecture: str = "amd64"
    variant: str = ""

    def __str__(self) -> str:
        return "/".join(part for part in (self.os, self.architecture, self.variant) if part)


@dataclass(frozen=True, slots=True)
class Descriptor:
    """A blob or manifest by its content. `size` is in bytes."""

    media_type: str
    digest: str
    size: int
    platform: Platform | None = None
    annotations: Mapping[str, str] = field(default_factory=_empty, hash=False)
    artifact_type: str = ""


@dataclass(frozen=True, slots=True)
class Manifest:
    """One platform's image, or an artifact. `digest` is that of `raw`."""

    raw: bytes = field(repr=False)
    digest: str
    media_type: str
    config: Descriptor
    layers: tuple[Descriptor, ...]
    annotations: Mapping[str, str] = field(default_factory=_empty, hash=False)
    subject: Descriptor | None = None
    artifact_type: str = ""


@dataclass(frozen=True, slots=True)
class Index:
    """One image for several platforms (OCI's index, Docker's manifest list). `digest` is that of `raw`."""

    raw: bytes = field(repr=False)
    digest: str
    media_type: str
    manifests: tuple[Descriptor, ...]
    annotations: Mapping[str, str] = field(default_factory=_empty, hash=False)


@dataclass(frozen=True, slots=True)
class ImageConfig:
    """An image's config as it was read. `settings` is its member "config": env, labels, entrypoint and so on."""

    raw: bytes = field(repr=False)
    digest: str
    document: Mapping[str, Any] = field(hash=False)

    @property
    def diff_ids(self) -> tuple[str, ...]:
        """The uncompressed layers' digests, the lowest first: what an image is made of."""
        return tuple((self.document.get("rootfs") or {}).get("diff_ids") or ())

    @property
    def settings(self) -> Mapping[str, Any]:
        return self.document.get("config") or {}

    @property
    def labels(self) -> Mapping[str, str]:
        return self.settings.get("Labels") or {}

    @property
    def platform(self) -> Platform:
        get = self.document.get
        return Platform(get("os") or "linux", get("architecture") or "", get("variant") or "")


@dataclass(frozen=True, slots=True)
class Image:
    """One platform's image with its config, as it lies in a registry."""

    reference: Reference
    manifest: Manifest
    config: ImageConfig
