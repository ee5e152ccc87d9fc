"""Is a service bound to one digest of the base, so that building it again does not move it on?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from buildkit.values.oci import ANNOTATION_BASE_NAME

if TYPE_CHECKING:
    from collections.abc import Mapping

    from buildkit.values.oci import Image


def of_image(image: Image, *, base: str) -> str:
    """What the image itself says of it: the base's name with a digest, as a builder or a pipeline stamped it.

    Builders do not stamp it by themselves (https://github.com/moby/buildkit/issues/6202). It is read from the
    manifest's annotations, and from labels, where pipelines put it whose engine cannot annotate.

    Args:
        image: one platform's.
        base: the base's repository without its registry (`company/python-service`).
    """
    said: tuple[Mapping[str, str], ...] = (image.manifest.annotations, image.config.labels)
    names = (texts.get(ANNOTATION_BASE_NAME, "") for texts in said)
    return next((name for name in names if is_pin(name, base=base)), "")


def is_pin(name: str, *, base: str) -> bool:
    """Whether what stands behind FROM is the base by its digest."""
    path, at, digest = name.partition("@")
    # A colon in the last part separates the tag; one before it is the registry's port.
    head, slash, last = path.rpartition("/")
    repository = f"{head}{slash}{last.partition(':')[0]}"
    return (
        bool(at) and digest.startswith("sha256:") and (repository == base or repository.endswith(f"/{base}"))
    )
