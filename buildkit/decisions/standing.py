"""Does an image stand on the company's base, and on which version of it?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from buildkit.decisions import naming
from buildkit.values.service import ServiceImage, Standing

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


def standing(
    image: ServiceImage, *, bases: Iterable[ServiceImage], company: str, facts: Mapping[str, Any] | None
) -> Standing:
    """Compare layers; where the right base is not at hand, believe labels that its files confirm.

    Tags prove nothing and labels alone prove little (they are inherited, but also copied by hand). What
    an image is made of is its layers: an image stands on a base if it begins with all of the base's.

    Args:
        image: the service's image.
        bases: the base images at hand.
        company: as in the label `com.<company>.base.version`.
        facts: the image's /opt/tracing/base.json, or None if it has no such file.
    """
    for base in bases:
        if base.diff_ids and image.diff_ids[: len(base.diff_ids)] == base.diff_ids:
            version = base.labels.get(version_label(company), "")
            return Standing(True, f"its first {len(base.diff_ids)} layers are those of {base.name}", version)
    labelled = image.labels.get(version_label(company), "")
    if facts is None:
        reason = (
            f"it has the base's labels (version {labelled}) but not the base's files"
            if labelled
            else "its layers are not those of a base image, and it has no /opt/tracing"
        )
        return Standing(False, reason, labelled)
    version = str(facts.get("version", ""))
    if facts.get("company") != company:
        return Standing(False, f"it stands on a base of {str(facts.get('company'))[:60]!r}", version)
    if not labelled:
        return Standing(
            False, "it has /opt/tracing, but the base's labels are missing: copied by hand?", version
        )
    return Standing(
        True, f"labels and files say base {version}; that base is not here to compare layers", version
    )


def version_label(company: str) -> str:
    return naming.base_label(company, "version")
