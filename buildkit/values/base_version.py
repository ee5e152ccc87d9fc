"""Which release of the base image is meant?"""

from __future__ import annotations

from dataclasses import dataclass
from functools import total_ordering


@total_ordering
@dataclass(frozen=True, slots=True)
class BaseVersion:
    """A release of the base for one Python; its text is `1.4.0-r2-py3.13`.

    Versions are ordered by what a service that follows a rolling tag would see as newer: the semantic version
    (https://semver.org), then the Python, then the revision, which counts rebuilds of the same version on the same
    Python. A rebuild of 1.4.0 for Python 3.13 is not newer than the first 1.4.0 for Python 3.14.

    Attributes:
        major: changes when what services rely on changes (see values/contract.py).
        minor: changes when something is added.
        patch: changes when something is put right.
        revision: counts rebuilds with Debian's updates, from 1; 0 is a build that was never released.
        python: X.Y.
    """

    major: int
    minor: int
    patch: int
    revision: int
    python: str

    @property
    def number(self) -> str:
        """X.Y.Z, without revision and Python."""
        return f"{self.major}.{self.minor}.{self.patch}"

    @property
    def triple(self) -> tuple[int, int, int]:
        return (self.major, self.minor, self.patch)

    @property
    def python_key(self) -> tuple[int, ...]:
        """For ordering: 3.9 is older than 3.10."""
        return tuple(int(part) for part in self.python.split("."))

    def __str__(self) -> str:
        return f"{self.number}-r{self.revision}-py{self.python}"

    def __lt__(self, other: object) -> bool:
        if not isinstance(other, BaseVersion):
            return NotImplemented
        return self._key() < other._key()

    def _key(self) -> tuple[tuple[int, int, int], tuple[int, ...], int]:
        return (self.triple, self.python_key, self.revision)
