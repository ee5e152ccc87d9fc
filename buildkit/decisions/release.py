"""Which version does a build become, and may it?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from buildkit.decisions import changelog, contract, naming
from buildkit.values.errors import BrokenContract, Misuse

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from buildkit.values.base_version import BaseVersion
    from buildkit.values.oci import ImageConfig, Platform

# What says when and how often something was released, not what it is.
OCCASION = ("created", "revision")


def next_revision(number: str, *, python: str, released: Iterable[BaseVersion]) -> int:
    """The first revision of X.Y.Z on a Python that has no tag yet."""
    taken = [
        version.revision for version in released if version.number == number and version.python == python
    ]
    return max(taken, default=0) + 1


def latest_like(version: BaseVersion, *, released: Iterable[BaseVersion]) -> BaseVersion | None:
    """The newest release of the same X.Y.Z on the same Python, whatever its revision."""
    same = (other for other in released if other.triple == version.triple and other.python == version.python)
    return max(same, default=None)


def predecessor(version: BaseVersion, *, released: Iterable[BaseVersion]) -> BaseVersion | None:
    """The release whose contract this one has to keep: the one before it within its major version and Python."""
    line = [
        other
        for other in released
        if other.major == version.major and other.python == version.python and other != version
    ]
    return max((other for other in line if other < version), default=min(line, default=None))


def same_content(
    old: Mapping[Platform, ImageConfig], new: Mapping[Platform, ImageConfig], *, company: str
) -> bool:
    """Whether two builds differ in nothing but the occasion: the same layers and settings for the same platforms."""
    return old.keys() == new.keys() and all(
        _content(old[platform], company=company) == _content(new[platform], company=company)
        for platform in old
    )


def _content(config: ImageConfig, *, company: str) -> tuple[Any, ...]:
    skipped = {naming.base_label(company, name) for name in OCCASION}
    labels = {name: value for name, value in config.labels.items() if name not in skipped}
    settings = {name: value for name, value in config.settings.items() if name != "Labels" and value}
    return config.diff_ids, labels, settings


def check_contract(
    version: BaseVersion,
    images: Mapping[Platform, ImageConfig],
    *,
    before: BaseVersion,
    old: Mapping[Platform, ImageConfig],
    company: str,
) -> None:
    """Compare with the release of before within the same major version.

    Raises:
        BrokenContract: a service built on the older one would miss something, or a platform is gone.
    """
    next_major = f"what services rely on may change only with a new major version: {version.major + 1}.0.0"
    for platform in sorted(old):
        if platform not in images:
            raise BrokenContract(
                f"{version} has no {platform}, which {before} has",
                hint=f"add it to --platforms, or release without it as {version.major + 1}.0.0",
            )
        one = contract.of(old[platform].labels, company=company)
        other = contract.of(images[platform].labels, company=company)
        if one is None or other is None:
            continue  # that image says nothing that could be held against this one
        if found := contract.differences(one, other):
            told = ", ".join(f"{reason} ({reason.hint})" for reason in found)
            raise BrokenContract(f"{version} breaks what {before} promised: {told}", hint=next_major)


def check_default(version: BaseVersion, *, current: BaseVersion | None) -> None:
    """The tag X of a major version stays on one Python: services follow it without naming one.

    Args:
        version: of the default row of versions.toml.
        current: what the tag X is on.

    Raises:
        BrokenContract: it is on another Python.
    """
    if current is None or current.major != version.major or current.python == version.python:
        return
    raise BrokenContract(
        f"the tag {version.major} is on Python {current.python}, and versions.toml has {version.python} as its default",
        hint=f"a new default is a new major version: {version.major + 1}.0.0",
    )


def check_notes(number: str, notes: str, *, version: BaseVersion, released: Iterable[BaseVersion]) -> None:
    """The changelog's own word counts as well, from 1.0.0 on: https://semver.org/#spec-item-4.

    Raises:
        BrokenContract: it calls a change breaking, and this major version has been released before.
    """
    older = any(other.major == version.major and other.triple < version.triple for other in released)
    if version.major and older and changelog.breaks(notes):
        raise BrokenContract(
            f"CHANGELOG.md calls a change of {number} breaking",
            hint=f"release it as {version.major + 1}.0.0, or say Non-breaking if no service can notice",
        )


def check_free(version: BaseVersion, *, released: Iterable[BaseVersion], latest: BaseVersion | None) -> None:
    """An immutable tag is given once.

    Args:
        version: what other content than that of `latest` is to be released as.
        released: all releases.
        latest: the newest revision of the same X.Y.Z and Python.

    Raises:
        Misuse: the tag is taken, or an older revision than the latest was asked for.
    """
    if version in set(released):
        free = latest.revision + 1 if latest else version.revision + 1
        raise Misuse(
            f"{version} is released already, with other content", hint=f"use --revision {free}, or none"
        )
    if latest is not None and version < latest:
        raise Misuse(
            f"{version} is older than {latest}", hint=f"use --revision {latest.revision + 1}, or none"
        )
