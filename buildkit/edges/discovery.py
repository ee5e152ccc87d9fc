"""Which services are in a fleet: those that fleet.toml names, and those that the registry has?"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from buildkit.values.fleet import ServiceEntry
from buildkit.values.oci import Reference

if TYPE_CHECKING:
    from collections.abc import Callable

    from buildkit.edges.registry import Registry
    from buildkit.values.fleet import Fleet


def services(fleet: Fleet, *, registry: Registry, tell: Callable[[str], None]) -> tuple[ServiceEntry, ...]:
    """The named ones in the file's order, then the discovered ones by name.

    A repository is a service if it fits a pattern of `discover`, has the fleet's tag, and is not the base's. It is
    called by its path, without the company's name in front.

    Args:
        fleet: what fleet.toml says.
        registry: the fleet's own.
        tell: is told how many repositories have no such tag.

    Raises:
        RegistryError: its catalogue cannot be read.
    """
    if not fleet.discover:
        return fleet.services
    named = {entry.image.repository for entry in fleet.services if entry.image.registry == fleet.registry}
    found = sorted(
        repository
        for repository in registry.catalogue()
        if repository != fleet.base
        and repository not in named
        and any(fnmatchcase(repository, pattern) for pattern in fleet.discover)
    )
    with ThreadPoolExecutor(fleet.budget.registry) as pool:
        tagged = list(pool.map(lambda repository: registry.head(repository, fleet.tag) is not None, found))
    without = tagged.count(False)
    if without:
        tell(f"{without} repositories have no tag {fleet.tag!r} and are no services of this fleet")
    taken = {entry.name for entry in fleet.services}
    new = [repository for repository, has in zip(found, tagged, strict=True) if has]
    return fleet.services + tuple(_entry(repository, fleet=fleet, taken=taken) for repository in new)


def _entry(repository: str, *, fleet: Fleet, taken: set[str]) -> ServiceEntry:
    short = repository.removeprefix(f"{fleet.company}/")
    return ServiceEntry(
        name=repository if short in taken else short,
        image=Reference(fleet.registry, repository, tag=fleet.tag),
        pinned=fleet.policy.pinned,
    )
