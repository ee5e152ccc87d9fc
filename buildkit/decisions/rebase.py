"""What does a service's image look like on another release of the base, and what forbids it?

Nothing is read or written here: a rebase is made of documents. Layers stay where they are, by their digests.
"""

from __future__ import annotations

import datetime as dt
import json
from typing import TYPE_CHECKING, Any

from buildkit.decisions import (
    base_annotations,
    config_merge,
    contract,
    history_merge,
    layer_types,
    naming,
    oci_json,
    rebase_notes,
)
from buildkit.values.oci import (
    OCI_CONFIG,
    OCI_MANIFEST,
    Descriptor,
)
from buildkit.values.reason import Reason
from buildkit.values.rebase import NewImage

if TYPE_CHECKING:
    from collections.abc import Mapping

    from buildkit.values.known_base import BaseImage, KnownBase
    from buildkit.values.oci import Image
    from buildkit.values.stand import Match

# What the builder noted down of the build: sources and cache that name the old base's layers.
_BUILD_NOTES = frozenset(
    {"moby.buildkit.buildinfo.v1", "moby.buildkit.cache.v0", "container", "container_config", "id", "parent"}
)


def blockers(
    service: Image, *, match: Match | None, new: BaseImage | None, company: str
) -> tuple[Reason, ...]:
    """Name everything that stops a rebase of one platform's image; empty means go.

    Args:
        service: the image.
        match: the base that it stands on; None if it stands on none that is known.
        new: the release to put below it, on its platform; None if there is none for it.
        company: as in the base's labels.
    """
    found = []
    layers, contents = len(service.manifest.layers), len(service.config.diff_ids)
    if layers != contents:
        found.append(
            Reason(f"its manifest has {layers} layers, its config tells of {contents}", "rebuild it")
        )
    if match is None:
        found.append(Reason("its layers below are not those of a known base", "rebuild it on the base"))
        return tuple(found)
    if len(match.image.manifest.layers) != len(match.image.config.diff_ids):
        found.append(Reason(f"base {match.base.version} has more or fewer layers than its config tells of"))
    if new is None:
        platform = service.config.platform
        found.append(
            Reason(f"the new base is not there for {platform}", f"release it for {platform} as well")
        )
        return tuple(found)
    return (*found, *_incompatible(match.image, new, company=company))


def _incompatible(old: BaseImage, new: BaseImage, *, company: str) -> list[Reason]:
    before = contract.of(old.config.labels, company=company)
    after = contract.of(new.config.labels, company=company)
    found = []
    if before is None or after is None:
        which = "old" if before is None else "new"
        found.append(Reason(f"the {which} base does not say its contract", "rebuild the service"))
    else:
        found += contract.differences(before, after)
    triggers = new.config.settings.get("OnBuild") or []
    if triggers != (old.config.settings.get("OnBuild") or []):
        found.append(
            Reason("the new base has other build triggers (ONBUILD)", "rebuild the service: they run then")
        )
    return found


def put_onto(service: Image, *, old: BaseImage, new: BaseImage, onto: KnownBase, company: str) -> NewImage:
    """Exchange the base below one platform's image. The same input gives the same digest.

    The result is an OCI image whatever the service was: Docker's manifests have no annotations.

    Args:
        service: the image; nothing blocks its rebase.
        old: the base that it stands on.
        new: the base that it gets.
        onto: the release that `new` is part of.
        company: as in the base's labels.
    """
    depth = len(old.config.diff_ids)
    merged = config_merge.merge(
        service.config.settings,
        old=old.config.settings,
        new=new.config.settings,
        facts=naming.base_label(company, ""),
    )
    config = oci_json.written(
        _config(service, old=old, new=new, settings=merged.settings, created=_time(onto.released))
    )
    manifest = oci_json.written(_manifest(service, depth=depth, new=new, onto=onto, config=config))
    own = {layer.digest for layer in service.manifest.layers}
    mounts = {
        layer.digest: layer
        for layer in new.manifest.layers
        if layer.digest not in own and not layer_types.elsewhere(layer.media_type)
    }
    return NewImage(
        platform=service.config.platform,
        manifest=manifest,
        digest=oci_json.digest(manifest),
        config=config,
        config_digest=oci_json.digest(config),
        mounts=tuple(mounts.values()),
        conflicts=merged.conflicts,
        notes=rebase_notes.notes(service, old=old, new=new),
    )


def _config(
    service: Image, *, old: BaseImage, new: BaseImage, settings: Mapping[str, Any], created: str
) -> dict[str, Any]:
    was, before, after = service.config.document, old.config.document, new.config.document
    own = service.config.diff_ids[len(old.config.diff_ids) :]
    diff_ids = [*new.config.diff_ids, *own]
    history = history_merge.merge(
        was.get("history") or [],
        old=before.get("history") or [],
        new=after.get("history") or [],
        layers=(len(service.config.diff_ids), len(old.config.diff_ids), len(new.config.diff_ids)),
        created=created,
    )
    document = {name: value for name, value in was.items() if name not in _BUILD_NOTES}
    return document | {
        "created": created,
        "config": settings,
        "rootfs": {"type": "layers", "diff_ids": diff_ids},
        "history": history,
    }


def _manifest(
    service: Image, *, depth: int, new: BaseImage, onto: KnownBase, config: bytes
) -> dict[str, Any]:
    document = json.loads(service.manifest.raw)
    layers = [*json.loads(new.manifest.raw)["layers"], *document["layers"][depth:]]
    # A subject is what the image of before was said to be about; the rest is the service's own.
    kept = {name: value for name, value in document.items() if name != "subject"}
    described = Descriptor(OCI_CONFIG, oci_json.digest(config), len(config))
    return kept | {
        "mediaType": OCI_MANIFEST,
        "config": oci_json.described(described),
        "layers": [{**layer, "mediaType": layer_types.oci(layer["mediaType"])} for layer in layers],
        "annotations": base_annotations.stated(service.manifest.annotations, onto=onto),
    }


def _time(moment: dt.datetime) -> str:
    """RFC 3339 in UTC, to the second."""
    return moment.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
