"""Which services has a fleet: those of its file, and those that its registry has?"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from buildkit.decisions import discovery, fleet_file
from buildkit.edges import files

if TYPE_CHECKING:
    from buildkit.edges.registry import Registry
    from buildkit.values.fleet import Fleet, ServiceEntry

FILE = Path("fleet.toml")


def read(path: Path, *, company: str) -> Fleet:
    """Read fleet.toml (raises MissingFile, BadFleetFile)."""
    return fleet_file.parse(files.read(path), company=company, file=str(path), directory=str(path.parent))


def services(fleet: Fleet, *, registry: Registry) -> tuple[ServiceEntry, ...]:
    """The services that the file names, then those that are discovered, by their names.

    Raises:
        RegistryError: its catalogue cannot be read.
    """
    if not fleet.discover:
        return fleet.services
    return discovery.discovered(fleet, repositories=registry.catalogue())
