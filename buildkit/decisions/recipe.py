"""How is an upstream image made from the Debian archive, and how is it named?"""

import hashlib

from buildkit.values.oci import Platform
from buildkit.values.versions import Row, Versions

# What the official slim images leave out as well: nobody reads manuals in a container.
EXCLUDED = ("/usr/share/man/*", "/usr/share/info/*", "/usr/share/doc/*", "/usr/share/locale/*")
KEPT = ("/usr/share/doc/*/copyright",)
# Where Go, whose names platforms have, says something else.
_MACHINES = {"386": "i386", "arm/v6": "armel", "arm": "armhf", "ppc64le": "ppc64el"}


def command(row: Row, *, versions: Versions, target: str, machine: str = "") -> tuple[str, ...]:
    """The mmdebstrap call that writes a root file system with this row's Python to a tar file.

    Args:
        row: which Python.
        versions: the pins.
        target: the tar file.
        machine: what Debian calls the architecture, if it is not this machine's: it is then emulated.
    """
    return (
        "mmdebstrap",
        "--variant=minbase",
        *((f"--architectures={machine}",) if machine else ()),
        f"--include={','.join(sorted(versions.packages))}",
        *(f"--aptopt={option}" for option in row.apt_options),
        *(f"--dpkgopt=path-exclude={pattern}" for pattern in EXCLUDED),
        *(f"--dpkgopt=path-include={pattern}" for pattern in KEPT),
        row.suite,
        target,
    )


def digest(row: Row, *, versions: Versions, machine: str = "") -> str:
    """Twelve hex digits that change whenever the recipe does."""
    words = command(row, versions=versions, target="-", machine=machine)
    recipe = (*words, str(versions.source_date_epoch))
    return hashlib.sha256("\0".join(recipe).encode()).hexdigest()[:12]


def tags(row: Row, *, versions: Versions, company: str, machine: str = "") -> tuple[str, str]:
    """The name by which people know the image, and the one that says which recipe made it.

    Never the official image's name: it is not the official image.
    """
    name = f"{company}/upstream-debian:{row.suite}-python{row.python}{f'-{machine}' if machine else ''}"
    return name, f"{name}-{digest(row, versions=versions, machine=machine)}"


def debian_machine(platform: Platform) -> str:
    """What Debian calls a platform's machine: https://wiki.debian.org/SupportedArchitectures."""
    name = f"{platform.architecture}/{platform.variant}".rstrip("/")
    return _MACHINES.get(name, platform.architecture)
