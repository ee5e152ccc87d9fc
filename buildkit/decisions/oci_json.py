"""What does a registry's document say, and how is one written?"""

from __future__ import annotations

import hashlib
import json
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from buildkit.values.errors import BadManifest
from buildkit.values.oci import INDEXES, MANIFESTS, Descriptor, ImageConfig, Index, Manifest, Platform

if TYPE_CHECKING:
    from collections.abc import Mapping


def digest(raw: bytes) -> str:
    """The content's name: https://github.com/opencontainers/image-spec/blob/main/descriptor.md#digests."""
    return f"sha256:{hashlib.sha256(raw).hexdigest()}"


def written(document: Mapping[str, Any]) -> bytes:
    """The same document always as the same bytes: no spaces, members in the order that they were put in."""
    return json.dumps(document, separators=(",", ":"), ensure_ascii=False).encode()


def manifest(raw: bytes, *, media_type: str) -> Manifest | Index:
    """Read a manifest or an index.

    Args:
        raw: the bytes, as the registry sent them.
        media_type: what the registry called them; the document's own word wins.

    Raises:
        BadManifest: it is neither, or a kind that is too old (schema 1) or unknown.
    """
    document = _object(raw, what="a manifest")
    kind = str(document.get("mediaType") or media_type.partition(";")[0].strip())
    try:
        if kind in MANIFESTS:
            subject = document.get("subject")
            return Manifest(
                raw=raw,
                digest=digest(raw),
                media_type=kind,
                config=descriptor(document["config"]),
                layers=tuple(descriptor(layer) for layer in document["layers"]),
                annotations=_texts(document.get("annotations")),
                subject=descriptor(subject) if subject else None,
                artifact_type=str(document.get("artifactType") or ""),
            )
        if kind in INDEXES:
            return Index(
                raw=raw,
                digest=digest(raw),
                media_type=kind,
                manifests=tuple(descriptor(entry) for entry in document["manifests"]),
                annotations=_texts(document.get("annotations")),
            )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise BadManifest(f"a manifest is incomplete: {error!r}") from None
    raise BadManifest(
        f"a manifest of the unknown kind {kind[:80]!r}", hint="push the image again with a newer client"
    )


def config(raw: bytes) -> ImageConfig:
    """Read an image's config.

    Raises:
        BadManifest: it is no JSON object.
    """
    return ImageConfig(
        raw=raw, digest=digest(raw), document=MappingProxyType(_object(raw, what="an image's config"))
    )


def descriptor(document: Mapping[str, Any]) -> Descriptor:
    place = document.get("platform")
    return Descriptor(
        media_type=str(document["mediaType"]),
        digest=str(document["digest"]),
        size=int(document["size"]),
        platform=_platform(place) if place else None,
        annotations=_texts(document.get("annotations")),
        artifact_type=str(document.get("artifactType") or ""),
    )


def described(value: Descriptor) -> dict[str, Any]:
    """A descriptor as a member of a manifest or an index."""
    document: dict[str, Any] = {"mediaType": value.media_type, "digest": value.digest, "size": value.size}
    if value.artifact_type:
        document["artifactType"] = value.artifact_type
    if value.platform is not None:
        place = {"architecture": value.platform.architecture, "os": value.platform.os}
        document["platform"] = place | ({"variant": value.platform.variant} if value.platform.variant else {})
    if value.annotations:
        document["annotations"] = dict(value.annotations)
    return document


def _platform(document: Mapping[str, Any]) -> Platform:
    return Platform(
        os=str(document.get("os") or "linux"),
        architecture=str(document.get("architecture") or ""),
        variant=str(document.get("variant") or ""),
    )


def _texts(document: Mapping[str, Any] | None) -> Mapping[str, str]:
    return MappingProxyType({str(key): str(value) for key, value in (document or {}).items()})


def _object(raw: bytes, *, what: str) -> dict[str, Any]:
    try:
        document = json.loads(raw)
    except ValueError:
        raise BadManifest(f"{what} that is no JSON ({len(raw)} bytes)") from None
    if not isinstance(document, dict):
        raise BadManifest(f"{what} that is no JSON object")
    return document
