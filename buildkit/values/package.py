"""What is installed in an image, and what one of its layers says about that?"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum


class Kind(StrEnum):
    """Who manages a package; the names are those of package URLs (https://github.com/package-url/purl-spec)."""

    DEBIAN = "deb"
    PYTHON = "pypi"


@dataclass(frozen=True, slots=True, order=True)
class Package:
    """A package that is installed.

    Attributes:
        kind: who manages it.
        name: as its manager writes it.
        version: of it.
        architecture: what it was built for; empty where it says nothing.
        source: the source package, if it has another name.
        license: as it says itself, in SPDX's words or its own; empty if it does not.
        path: what says that it is installed, without a slash in front.
    """

    kind: Kind
    name: str
    version: str
    architecture: str = ""
    source: str = ""
    license: str = ""
    path: str = ""


@dataclass(frozen=True, slots=True)
class LayerFacts:
    """What one layer adds and takes away.

    Attributes:
        packages: by the file that says so. A file that names none stands for none: it may replace one that did.
        release: what the layer's os-release says, if it has one.
        removed: paths that its whiteouts remove, with all below them.
        opaque: directories of which nothing from lower layers is left.
    """

    packages: dict[str, tuple[Package, ...]] = field(default_factory=dict, hash=False)
    release: dict[str, str] = field(default_factory=dict, hash=False)
    removed: tuple[str, ...] = ()
    opaque: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Contents:
    """What is installed in a whole image, and in which distribution."""

    packages: tuple[Package, ...]
    release: dict[str, str] = field(default_factory=dict, hash=False)


@dataclass(frozen=True, slots=True)
class Origin:
    """How an image came to be: what its provenance says.

    Attributes:
        how: "release", "rebase" or "rebuild".
        base: name of the image that it stands on, empty for none.
        base_digest: that image's.
        before: digest of the service's image that was rebased; empty otherwise.
        source: URI of what it was built from (`git+https://...`); empty if it was not built, or from a directory.
        commit: of the source; empty if it is not known.
        builder: who built it: an engine's or a buildx builder's name and version; empty if nothing was built.
    """

    how: str
    base: str = ""
    base_digest: str = ""
    before: str = ""
    source: str = ""
    commit: str = ""
    builder: str = ""
