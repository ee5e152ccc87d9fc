"""Which rebuilds are refused, what must be true of their results, and when is a result nothing new?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from buildkit.decisions import finishing, naming, oci_json, platforms, sameness
from buildkit.values.errors import CommandFailed, NotOnBase, PinnedBase
from buildkit.values.oci import Platform

if TYPE_CHECKING:
    from collections.abc import Sequence

    from buildkit.values.blueprint import Blueprint
    from buildkit.values.built import BuiltImage, Finished
    from buildkit.values.dockerfile import Footing
    from buildkit.values.oci import Reference


def names(base: Reference) -> tuple[str, ...]:
    """The base's names in Dockerfiles: whole, without its registry, and as the samples have it."""
    return (base.name, base.repository, naming.PLACEHOLDER)


def insist(found: Footing, *, blueprint: Blueprint, base: Reference) -> None:
    """Refuse what would not do what is wanted, before anything is built.

    Raises:
        NotOnBase: The stage that is built does not stand on the base.
        PinnedBase: It names the base by another digest, and is not to be moved.
    """
    if not found.on_base:
        raise NotOnBase(f"not on the base: {found.reason}", hint=f"let it say FROM {base.repository}")
    if found.pinned and found.digest != base.digest and not blueprint.move_pinned:
        raise PinnedBase(
            f"its Dockerfile pins the base to {found.digest[:19]}... (line {found.chain[-1].start.first})",
            hint='let it name a tag, or set pinned = "move" for it',
        )


def wanted_platforms(blueprint: Blueprint, *, bases: Sequence[BuiltImage], builder: str) -> tuple[str, ...]:
    """Those to build for; empty for the one of the engine, which alone cannot promise others."""
    if blueprint.platforms or not builder:
        return blueprint.platforms
    return tuple(str(one.config.platform) for one in bases)


def check(
    built: Sequence[BuiltImage], *, wanted: Sequence[str], base: Reference, bases: Sequence[BuiltImage]
) -> None:
    """Believe what was built, not what was asked for: every platform, and on that base.

    Raises:
        CommandFailed: A platform is missing.
        NotOnBase: An image's lowest layers are not the base's.
    """
    of = {one.config.platform: one.config for one in bases}
    exact = f"{base.name}@{base.digest[:19]}..."
    have = {platforms.normal(one.config.platform) for one in built}
    for text in wanted:
        if platforms.normal(_platform(text)) not in have:
            raise CommandFailed(
                f"the builder made nothing for {text}", hint="can it build for that platform?"
            )
    for one in built:
        chosen = platforms.choose(one.config.platform, among=of)
        if chosen is None:
            raise NotOnBase(
                f"{exact} is not there for {one.config.platform}", hint="release it for that as well"
            )
        finishing.check_base(one.config, base=of[chosen], name=exact)


def is_same(images: Sequence[Finished], *, before: Sequence[BuiltImage]) -> bool:
    """Whether all platforms have the same layers and the same config as the images of before."""
    old = {platforms.normal(one.config.platform): one.config for one in before}
    new = {platforms.normal(one.built.config.platform): oci_json.config(one.config) for one in images}
    return old.keys() == new.keys() and all(sameness.same(old[one], new[one]) for one in old)


def _platform(text: str) -> Platform:
    system, _, machine = text.partition("/")
    architecture, _, variant = machine.partition("/")
    return Platform(system, architecture, variant)
