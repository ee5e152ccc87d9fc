"""Build a service's image anew on an exact base, and have it in the registry by its digest only."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from buildkit.decisions import finishing, git_source, rebuild_rules
from buildkit.decisions import footing as footings
from buildkit.decisions.dockerfile import parse
from buildkit.edges import builders, building, commands, files, image_push, image_reading, sources
from buildkit.edges.build_order import Order
from buildkit.edges.engine import Engine
from buildkit.values.blueprint import Rebuilt
from buildkit.values.errors import (
    BadDockerfile,
    BadSource,
    BuildkitError,
    MissingFile,
)
from buildkit.values.oci import Reference

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from buildkit.edges.registry import Registry
    from buildkit.values.blueprint import Blueprint, Checkout
    from buildkit.values.built import BuiltImage
    from buildkit.values.dockerfile import Footing
    from buildkit.values.oci import Descriptor


@dataclass(frozen=True, slots=True)
class Site:
    """Where builds are made, and with what.

    Attributes:
        engine: The local engine; None to connect when one is needed: a named builder does without.
        builder: A buildx builder's name (remote, Kubernetes); empty for the engine's BuildKit.
        ca_bundle: PEM file that every RUN step is to trust; None for none.
        directory: What a relative source is relative to.
    """

    engine: Engine | None = None
    builder: str = ""
    ca_bundle: Path | None = None
    directory: Path = Path()


def look(blueprint: Blueprint, *, base: Reference, directory: Path) -> Footing:
    """What the service's Dockerfile says that it stands on; nothing is built.

    Raises:
        BadSource: There is no such source, or no Dockerfile in it.
        BadDockerfile: It does not parse.
    """
    with sources.opened(blueprint.source, directory=directory) as checkout:
        return _footing(blueprint, checkout, base=base)


def rebuild(
    registry: Registry,
    blueprint: Blueprint,
    *,
    base: Reference,
    repository: str,
    site: Site,
    current: str = "",
    on_step: Callable[[str], None] | None = None,
) -> Rebuilt:
    """Build a service from its own Dockerfile on exactly this base. No tag moves, and its files stay as they are.

    Args:
        registry: Has the base, and gets the image.
        blueprint: What to build.
        base: By digest: an index, or a manifest.
        repository: The service's.
        site: Where to build.
        current: Tag or digest of the image of before: if the new one is the same, it stays.
        on_step: Called with each build step as it begins.

    Raises:
        BadSource: The source is not there.
        BadDockerfile: It does not parse.
        NotOnBase: What it makes does not stand on the base.
        PinnedBase: It names the base by its digest, and is not to be moved.
        CommandFailed: A step failed; the message has its own last words.
        NoBuilder: There is no such builder.
        RegistryError: The registry refuses.
        OutOfDisk: The disk is full.
    """
    bases = image_reading.platforms(registry, base.repository, base.digest)
    before = image_reading.platforms(registry, repository, current) if current else ()
    try:
        with sources.opened(blueprint.source, directory=site.directory, on_line=on_step) as checkout:
            found = _footing(blueprint, checkout, base=base)
            rebuild_rules.insist(found, blueprint=blueprint, base=base)
            order = _order(blueprint, checkout, found=found, base=base, bases=bases, site=site)
            built = _build(
                order,
                registry=registry,
                repository=repository,
                site=site,
                have=(bases, before),
                on_step=on_step,
            )
            rebuild_rules.check(built, wanted=order.platforms, base=base, bases=bases)
            facts = finishing.facts_of(base=base, checkout=checkout)
            images = tuple(finishing.finished(one, service=blueprint.service, facts=facts) for one in built)
            same = rebuild_rules.is_same(images, before=before)
            digest = (
                registry.get(repository, current).digest
                if same
                else image_push.push(registry, repository, images, service=blueprint.service)
            )
            return Rebuilt(
                reference=Reference(registry.host, repository, digest=digest),
                base=base,
                changed=not same,
                platforms=tuple(str(one.config.platform) for one in built),
                origin=checkout.origin,
                commit=checkout.commit,
                builder=site.builder,
                replaced_pin=found.digest,
            )
    except BuildkitError:
        raise
    except OSError as error:  # the disk, or the engine: the SDK's errors are OSErrors
        raise commands.from_system(error) from None


def _footing(blueprint: Blueprint, checkout: Checkout, *, base: Reference) -> Footing:
    path = checkout.context / blueprint.dockerfile
    shown = f"{blueprint.dockerfile} of {git_source.redacted(blueprint.source)}"
    try:
        text = files.read(path)
    except MissingFile as error:
        reason = error.message.rpartition(": ")[2]
        raise BadSource(
            f"cannot read {shown}: {reason}", hint="name it by dockerfile = in fleet.toml"
        ) from None
    platform = blueprint.platforms[0] if blueprint.platforms else "linux/amd64"
    try:
        parsed = parse(text, build_args=blueprint.build_args, platform=platform)
        return footings.footing(parsed, base=rebuild_rules.names(base), target=blueprint.target)
    except BadDockerfile as error:
        raise BadDockerfile(f"{shown}: {error.message}", hint=error.hint) from None


def _order(
    blueprint: Blueprint,
    checkout: Checkout,
    *,
    found: Footing,
    base: Reference,
    bases: Sequence[BuiltImage],
    site: Site,
) -> Order:
    return Order(
        context=checkout.context,
        dockerfile=checkout.context / blueprint.dockerfile,
        base=base,
        names=rebuild_rules.names(base),
        spellings=found.spellings,
        target=blueprint.target,
        build_args=blueprint.build_args,
        platforms=rebuild_rules.wanted_platforms(blueprint, bases=bases, builder=site.builder),
        ca_bundle=site.ca_bundle,
        what=f"building {blueprint.service or git_source.redacted(blueprint.source)}",
    )


def _build(
    order: Order,
    *,
    registry: Registry,
    repository: str,
    site: Site,
    have: tuple[Sequence[BuiltImage], Sequence[BuiltImage]],
    on_step: Callable[[str], None] | None,
) -> tuple[BuiltImage, ...]:
    builder = builders.find(site.builder) if site.builder else None
    if builder is not None and not builder.engine:
        return building.by_builder(builder, order, registry=registry, repository=repository, on_step=on_step)
    bases, before = have
    known: dict[str, tuple[str, Descriptor]] = {}
    for source, images in ((order.base.repository, bases), (repository, before)):
        for image in images:
            pairs = zip(image.config.diff_ids, image.layers, strict=True)
            known |= {diff_id: (source, layer) for diff_id, layer in pairs}
    own = site.engine if builder is None else None
    engine = own or Engine.connect(context=site.builder)
    try:
        return building.by_engine(
            engine, order, registry=registry, repository=repository, known=known, on_step=on_step
        )
    finally:
        if own is None:
            engine.close()
