"""How does a service stand: current, behind, pinned, bypassed, or not on the base?

Layers decide, by the digests of what is in them (diff_ids). A tag proves nothing; a label may be copied; a layer
may be compressed anew, and an image saved and loaded: its contents' digests stay.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from buildkit.decisions import base_version
from buildkit.values.stand import Kind, ServiceAt, Stand

if TYPE_CHECKING:
    from buildkit.decisions.catalogue import Catalogue
    from buildkit.values.oci import Image, ImageConfig
    from buildkit.values.stand import Match


def stand(service: ServiceAt, *, catalogue: Catalogue) -> Stand:
    """How an image stands: as its worst platform does."""
    each = tuple(
        (image.config.platform, _one(image, service=service, catalogue=catalogue)) for image in service.images
    )
    _, worst = min(each, key=lambda pair: (pair[1].kind.rank, -pair[1].releases, str(pair[0])))
    if len(each) == 1:
        return worst
    platform = next(platform for platform, found in each if found is worst)
    same = all(found == worst for _, found in each)
    reason = worst.reason if same else f"{platform}: {worst.reason}"
    return dataclasses.replace(worst, reason=reason, platforms=each)


def _one(image: Image, *, service: ServiceAt, catalogue: Catalogue) -> Stand:
    config = image.config
    if len(image.manifest.layers) != len(config.diff_ids):
        reason = f"its manifest has {len(image.manifest.layers)} layers, its config tells of {len(config.diff_ids)}"
        return Stand(Kind.NOT_ON_BASE, reason)
    match = catalogue.find(config)
    if match is None:
        return Stand(Kind.NOT_ON_BASE, _why_not(config, catalogue=catalogue))
    return _on(match, service=service, catalogue=catalogue)


def _on(match: Match, *, service: ServiceAt, catalogue: Catalogue) -> Stand:
    base = match.base
    newest = catalogue.newest(base.python) or base
    releases = catalogue.between(base, newest)
    behind = Stand(
        Kind.BEHIND if releases else Kind.CURRENT,
        f"its first {len(match.image.config.diff_ids)} layers are those of {base.version}",
        base=base.version,
        newest=newest.version,
        releases=releases,
        days=max(0, (newest.released - base.released).days) if releases else 0,
        warning=base.support.warning if base.support else "",
    )
    if service.bypass:
        return dataclasses.replace(behind, kind=Kind.BYPASSED, reason=f"not traced: {service.bypass}")
    if service.pin and releases:
        return dataclasses.replace(behind, kind=Kind.PINNED, reason=f"bound to {service.pin}")
    return behind


def _why_not(config: ImageConfig, *, catalogue: Catalogue) -> str:
    labelled = base_version.of_labels(config.labels, company=catalogue.company)
    if labelled is not None and labelled.revision == 0:
        return (
            f"its labels say {labelled.number} for Python {labelled.python}, a base that was never released"
        )
    if labelled is not None and catalogue.named(labelled) is None:
        return f"its labels say base {labelled}, which is not in the registry"
    if labelled is not None:
        return f"its labels say base {labelled}, but its layers are not that base's: copied labels or a flattened image"
    if catalogue.shares_lowest(config):
        return "its final stage is built on what the base itself is built on, not on the base"
    return "its final stage is something else"
