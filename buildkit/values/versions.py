"""What images/versions.toml says."""

from dataclasses import dataclass

from buildkit.values.oci import Platform


@dataclass(frozen=True, slots=True)
class Row:
    """One Python that the base image can be built for.

    Attributes:
        python: X.Y.
        upstream: The official image that carries it.
        suite: The Debian release whose python3 is the same X.Y.
        apt_options: What apt needs to hear to read that release's lists.
    """

    python: str
    upstream: str
    suite: str
    apt_options: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Versions:
    """All pins.

    Attributes:
        base: The base image's own version.
        default_python: The row that is built when nothing else is asked for.
        rows: By Python X.Y.
        packages: Debian packages of a bootstrapped upstream.
        source_date_epoch: Seconds since 1970 that reproducible builds use as the date.
        platforms: What a release is built for; empty for the engine's own platform.
    """

    base: str
    default_python: str
    rows: dict[str, Row]
    packages: tuple[str, ...]
    source_date_epoch: int
    platforms: tuple[Platform, ...] = ()
