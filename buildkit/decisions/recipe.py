"""How is an upstream image made from the Debian archive, and how is it named?"""

import hashlib

from buildkit.values.versions import Row, Versions

# What the official slim images leave out as well: nobody reads manuals in a container.
EXCLUDED = ("/usr/share/man/*", "/usr/share/info/*", "/usr/share/doc/*", "/usr/share/locale/*")
KEPT = ("/usr/share/doc/*/copyright",)


def command(row: Row, *, versions: Versions, target: str) -> tuple[str, ...]:
    """The mmdebstrap call that writes a root file system with this row's Python to a tar file."""
    return (
        "mmdebstrap",
        "--variant=minbase",
        f"--include={','.join(sorted(versions.packages))}",
        *(f"--aptopt={option}" for option in row.apt_options),
        *(f"--dpkgopt=path-exclude={pattern}" for pattern in EXCLUDED),
        *(f"--dpkgopt=path-include={pattern}" for pattern in KEPT),
        row.suite,
        target,
    )


def digest(row: Row, *, versions: Versions) -> str:
    """Twelve hex digits that change whenever the recipe does."""
    recipe = (*command(row, versions=versions, target="-"), str(versions.source_date_epoch))
    return hashlib.sha256("\0".join(recipe).encode()).hexdigest()[:12]


def tags(row: Row, *, versions: Versions, company: str) -> tuple[str, str]:
    """The name by which people know the image, and the one that says which recipe made it.

    Never the official image's name: it is not the official image.
    """
    name = f"{company}/upstream-debian:{row.suite}-python{row.python}"
    return name, f"{name}-{digest(row, versions=versions)}"
