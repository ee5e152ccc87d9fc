"""What does the index of an image's platforms look like after their bases were exchanged?"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from buildkit.decisions import base_annotations, oci_json
from buildkit.values.oci import OCI_INDEX, OCI_MANIFEST

if TYPE_CHECKING:
    from collections.abc import Mapping

    from buildkit.values.known_base import KnownBase
    from buildkit.values.oci import Index
    from buildkit.values.rebase import NewImage


def index_of(index: Index, *, entries: Mapping[str, NewImage | None], onto: KnownBase) -> bytes:
    """The index of rebased images, in the order of before.

    What else the old index had is not there: attestations are about the images of before.

    Args:
        index: the service's.
        entries: the new image in place of each old manifest digest, None for one that stays as it is.
        onto: the release that they stand on.
    """
    document = json.loads(index.raw)
    kept = [
        _entry(entry, new=entries[entry["digest"]])
        for entry in document["manifests"]
        if entry["digest"] in entries
    ]
    return oci_json.written(
        document
        | {"mediaType": OCI_INDEX, "manifests": kept}
        | {"annotations": base_annotations.stated(index.annotations, onto=onto)}
    )


def _entry(entry: Mapping[str, Any], *, new: NewImage | None) -> dict[str, Any]:
    if new is None:
        return dict(entry)
    return {**entry, "mediaType": OCI_MANIFEST, "digest": new.digest, "size": len(new.manifest)}
