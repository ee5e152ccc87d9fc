"""Say what is in an image and where it comes from, beside the image in its registry.

Everything is made from the image itself, anew for each digest, and attached to each platform's manifest: that is what
an engine pulls. The same image again gets the same attachment, which is then there once.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from buildkit.decisions.supply import provenance, sbom, stack
from buildkit.edges.supply import layers
from buildkit.values.oci import Descriptor, Image, Index, Manifest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from buildkit.edges.registry import Registry
    from buildkit.values.oci import Reference
    from buildkit.values.package import Contents, Origin

# buildx adds such entries to an index for attestations of its own.
UNKNOWN = "unknown"


def attach_sbom(registry: Registry, reference: Reference, *, cache: Path | None) -> tuple[str, ...]:
    """Attach an SBOM to each platform of an image, and return the SBOMs' own digests.

    Args:
        registry: has the image.
        reference: which, by tag or digest.
        cache: directory where what layers said is kept.

    Raises:
        NotInRegistry: there is no such image.
        BadManifest: a layer cannot be read.
    """
    return tuple(
        registry.attach(
            reference.repository,
            _subject(image.manifest),
            sbom.written(
                contents(registry, image, cache=cache),
                image=image.reference,
                platform=image.config.platform,
                created=str(image.config.document.get("created") or ""),
            ),
            artifact_type=sbom.MEDIA_TYPE,
            media_type=sbom.MEDIA_TYPE,
        )
        for image in images(registry, reference)
    )


def attach_provenance(registry: Registry, reference: Reference, *, origin: Origin) -> tuple[str, ...]:
    """Attach where an image comes from to each of its platforms (raises NotInRegistry)."""
    return tuple(
        registry.attach(
            reference.repository,
            _subject(image.manifest),
            provenance.written(origin, image=image.reference),
            artifact_type=provenance.MEDIA_TYPE,
            media_type=provenance.MEDIA_TYPE,
            annotations={provenance.ANNOTATION: provenance.PREDICATE},
        )
        for image in images(registry, reference)
    )


def has_sbom(registry: Registry, reference: Reference) -> bool:
    """Whether each platform of an image has one."""
    return all(
        registry.referrers(reference.repository, image.manifest.digest, artifact_type=sbom.MEDIA_TYPE)
        for image in images(registry, reference)
    )


def contents(registry: Registry, image: Image, *, cache: Path | None) -> Contents:
    """What is installed in an image, from its layers."""
    repository = image.reference.repository
    return stack.contents(
        layers.facts(registry, repository, layer, cache=cache) for layer in image.manifest.layers
    )


def images(registry: Registry, reference: Reference) -> Iterator[Image]:
    """Each platform's image, by its digest."""
    found = registry.get(reference.repository, reference.version)
    entries = found.manifests if isinstance(found, Index) else ()
    manifests = [registry.get(reference.repository, each.digest) for each in entries if _is_image(each)]
    for manifest in manifests if isinstance(found, Index) else [found]:
        if isinstance(manifest, Manifest):
            config = registry.config(reference.repository, manifest)
            named = dataclasses.replace(reference, tag="", digest=manifest.digest)
            yield Image(named, manifest, config)


def _is_image(entry: Descriptor) -> bool:
    return entry.platform is None or entry.platform.os != UNKNOWN


def _subject(manifest: Manifest) -> Descriptor:
    return Descriptor(manifest.media_type, manifest.digest, len(manifest.raw))
