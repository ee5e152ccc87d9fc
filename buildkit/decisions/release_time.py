"""When was a base released?"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from buildkit.decisions import naming

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from buildkit.values.oci import Image, Index, Manifest

ANNOTATION_CREATED = "org.opencontainers.image.created"
# What tools write that want to say nothing: Go's zero time, the epoch, and reproducible builders' 1980.
_FIRST_REAL_YEAR = 1981
UNKNOWN = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


def released(document: Manifest | Index, *, images: Sequence[Image], company: str) -> dt.datetime:
    """What the release stamped into its label, else an annotation, else when the image was created.

    The latest of its platforms', if they differ.

    The epoch if nobody says anything: a fixed time, so that what is made from it is the same again.

    Args:
        document: what the release's tag stands for.
        images: its images.
        company: as in the label `com.<company>.base.created`.
    """
    label = naming.base_label(company, "created")
    said = (
        [image.config.labels.get(label) for image in images],
        [document.annotations.get(ANNOTATION_CREATED)],
        [image.manifest.annotations.get(ANNOTATION_CREATED) for image in images],
        [image.config.document.get("created") for image in images],
    )
    return next((max(times) for texts in said if (times := _times(texts))), UNKNOWN)


def _times(texts: Iterable[object]) -> list[dt.datetime]:
    return [found for text in texts if (found := _time(text)) is not None]


def _time(text: object) -> dt.datetime | None:
    """RFC 3339 (https://www.rfc-editor.org/rfc/rfc3339#section-5.6); None for anything else."""
    try:
        found = dt.datetime.fromisoformat(str(text))
    except ValueError:
        return None
    if found.tzinfo is None:
        found = found.replace(tzinfo=dt.UTC)
    return found if found.year >= _FIRST_REAL_YEAR else None
