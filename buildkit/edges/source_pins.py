"""Does a service's own Dockerfile bind it to one digest of the base?"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from buildkit.decisions import dockerfile, footing, git_source, rebuild_rules
from buildkit.edges import files
from buildkit.values.errors import BuildkitError
from buildkit.values.oci import Reference

if TYPE_CHECKING:
    from buildkit.values.fleet import Fleet, ServiceEntry


def pin(entry: ServiceEntry, *, fleet: Fleet) -> tuple[str, str]:
    """What stands behind FROM if that is the base by its digest, and what is wrong with the Dockerfile, if anything.

    Only sources that are directories here are looked at: a question is no reason to fetch repositories.
    """
    path = Path(fleet.directory) / entry.source / entry.dockerfile
    try:
        if not entry.source or git_source.parse(entry.source) is not None:
            return "", ""
        parsed = dockerfile.parse(files.read(path), build_args=entry.build_args)
        found = footing.footing(
            parsed, base=rebuild_rules.names(Reference(fleet.registry, fleet.base)), target=entry.target
        )
    except BuildkitError as error:
        return "", f"{path}: {error.message}"
    return (found.image if found.pinned else ""), ""
