"""Which rolling tag of the base does a Dockerfile follow?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from buildkit.decisions import base_version

if TYPE_CHECKING:
    from buildkit.values.dockerfile import Footing

NEWEST = "latest"


def tag(found: Footing) -> str:
    """The tag that a rebuild goes to: the one that is named, or the one that follows the version that is named.

    Who names `1.4.0-r2-py3.13` gets the newest 1.x for Python 3.13, as a rebase would give it: a new major version
    breaks what services rely on. A digest says nothing of what it follows.
    """
    version = base_version.find(found.tag)
    if version is not None:
        return f"{version.major}-py{version.python}"
    return found.tag or NEWEST
