"""Which release of the base does a text, or an image's labels, name?"""

from __future__ import annotations

import datetime as dt
import re
from typing import TYPE_CHECKING

from buildkit.decisions import naming
from buildkit.values.base_version import BaseVersion
from buildkit.values.errors import BadVersionsFile, Misuse

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from buildkit.values.oci import ImageConfig

# https://semver.org/#backusnaur-form-grammar-for-valid-semver-versions, without pre-releases: those never get a tag.
_NUMBER = r"(0|[1-9]\d*)"
_TRIPLE = rf"{_NUMBER}\.{_NUMBER}\.{_NUMBER}"
_VERSION = re.compile(rf"{_TRIPLE}-r{_NUMBER}-py(\d+\.\d+)", re.ASCII)
_BARE = re.compile(_TRIPLE, re.ASCII)


def find(text: str) -> BaseVersion | None:
    """The version that an immutable tag names; None for any other text (`latest`, `py3.13`, ...)."""
    match = _VERSION.fullmatch(text)
    if match is None:
        return None
    major, minor, patch, revision, python = match.groups()
    return BaseVersion(int(major), int(minor), int(patch), int(revision), python)


def parse(text: str) -> BaseVersion:
    """The version that somebody named.

    Raises:
        Misuse: it names none.
    """
    version = find(text)
    if version is None:
        raise Misuse(f"{text[:80]!r} is no version of the base", hint="write one like 1.4.0-r2-py3.13")
    return version


def of_row(number: str, *, python: str, revision: int) -> BaseVersion:
    """The version that a row of versions.toml is released as.

    Raises:
        BadVersionsFile: `number` is not X.Y.Z.
    """
    match = _BARE.fullmatch(number)
    if match is None:
        raise BadVersionsFile(
            f'versions.toml: base.version "{number}" cannot be released', hint="write X.Y.Z, without a suffix"
        )
    major, minor, patch = (int(part) for part in match.groups())
    return BaseVersion(major, minor, patch, revision, python)


def of_labels(labels: Mapping[str, str], *, company: str) -> BaseVersion | None:
    """The version that an image carries in its labels, also a service's; None if they are no base's.

    A build that was not released says revision 0.
    """

    def label(name: str) -> str:
        return labels.get(naming.base_label(company, name), "")

    return find(f"{label('version')}-r{label('revision') or 0}-py{label('python')}")


def created(config: ImageConfig, *, company: str) -> dt.datetime:
    """When a base was released: its label says so, else its config does, else nobody knows and it is 1970."""
    label = config.labels.get(naming.base_label(company, "created"), "")
    for text in (label, str(config.document.get("created") or "")):
        try:
            found = dt.datetime.fromisoformat(text)
        except ValueError:
            continue
        return found if found.tzinfo else found.replace(tzinfo=dt.UTC)
    return dt.datetime.fromtimestamp(0, dt.UTC)


def released(tags: Iterable[str]) -> tuple[BaseVersion, ...]:
    """All releases among a repository's tags, the newest first."""
    return tuple(sorted((version for tag in tags if (version := find(tag)) is not None), reverse=True))
