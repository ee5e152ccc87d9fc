"""What does an image's manifest say of the base that it stands on?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from buildkit.decisions import base_tags
from buildkit.values.oci import ANNOTATION_BASE_DIGEST, ANNOTATION_BASE_NAME

if TYPE_CHECKING:
    from collections.abc import Mapping

    from buildkit.values.known_base import KnownBase


def stated(was: Mapping[str, str], *, onto: KnownBase) -> dict[str, str]:
    """The service's own, and its base: the name that it follows, and what stood there.

    https://github.com/opencontainers/image-spec/blob/main/annotations.md#pre-defined-annotation-keys
    """
    follows = base_tags.rolling(onto.version, default_python="")[1]
    return {
        **was,
        ANNOTATION_BASE_NAME: f"{onto.reference.name}:{follows}",
        ANNOTATION_BASE_DIGEST: onto.digest,
    }
