"""Which of a registry's repositories are services of a fleet?"""

from __future__ import annotations

import fnmatch
from typing import TYPE_CHECKING

from buildkit.values.fleet import ServiceEntry
from buildkit.values.oci import Reference

if TYPE_CHECKING:
    from collections.abc import Iterable

    from buildkit.values.fleet import Fleet


def discovered(fleet: Fleet, *, repositories: Iterable[str]) -> tuple[ServiceEntry, ...]:
    """The services that the file names, then the repositories that its patterns fit, in the order of their names.

    The base is no service, and an image that the file names is not found a second time. A name that is taken already
    gets its repository's whole path.

    Args:
        fleet: with its patterns, as in fnmatch.
        repositories: all that the registry has.
    """
    named = {
        service.image.repository for service in fleet.services if service.image.registry == fleet.registry
    }
    found = sorted(
        repository
        for repository in set(repositories) - named - {fleet.base}
        if any(fnmatch.fnmatchcase(repository, pattern) for pattern in fleet.discover)
    )
    names = [service.name for service in fleet.services]
    short = [repository.rpartition("/")[2] for repository in found]
    return (
        *fleet.services,
        *(
            ServiceEntry(
                name=name if [*names, *short].count(name) == 1 else repository,
                image=Reference(fleet.registry, repository, fleet.tag),
                pinned=fleet.policy.pinned,
            )
            for repository, name in zip(found, short, strict=True)
        ),
    )
