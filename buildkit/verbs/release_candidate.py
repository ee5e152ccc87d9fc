"""What does one row of versions.toml come out as: built, compared, pushed by digest, and proven?"""

from __future__ import annotations

import os
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from buildkit.decisions import base_version, naming, platforms, release
from buildkit.edges import image_upload, pushing, saved_image, upstream
from buildkit.edges.progress import say, step
from buildkit.values.oci import Reference
from buildkit.values.release import Candidate
from buildkit.verbs.build import build
from buildkit.verbs.release_proof import prove

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from buildkit.edges.base_repository import BaseRepository
    from buildkit.edges.engine import Engine
    from buildkit.edges.saved_image import SavedLayer
    from buildkit.values.base_version import BaseVersion
    from buildkit.values.oci import Descriptor, ImageConfig, Platform
    from buildkit.values.versions import Row
    from buildkit.verbs.release_options import Order

    Saved = tuple[ImageConfig, tuple[SavedLayer, ...]]


def candidate(row: Row, *, order: Order, base: BaseRepository, released: Sequence[BaseVersion]) -> Candidate:
    """Build a row for all platforms; unless that is what was released before, push it by digest and prove it.

    Raises:
        BrokenContract: it breaks what its predecessor promised.
        Misuse: the revision that was asked for is taken.
        NotVerified: a service on it is not traced.
        BuildkitError: anything else that can go wrong.
    """
    number, company = order.versions.base, order.settings.company
    free = release.next_revision(number, python=row.python, released=released)
    version = base_version.of_row(number, python=row.python, revision=order.revision or free)
    latest = release.latest_like(version, released=released)
    like = version if version in released else latest
    before = base.release(like) if like is not None else None
    # A platform that cannot be built is found out before any other is.
    below = {platform: _upstream(engine, row, order=order) for platform, engine in order.engines.items()}
    names: dict[Platform, str] = {}
    try:
        for platform, engine in order.engines.items():
            built = _build(engine, row, order=order, upstream=below[platform], revision=version.revision)
            names[platform] = built
        with tempfile.TemporaryDirectory(prefix="release-") as place:
            known = before.layers if before is not None else {}
            saved = {
                platform: _read(order.engines[platform], name, place=Path(place), known=known)
                for platform, name in names.items()
            }
            configs = {platforms.normal(config.platform): config for config, _ in saved.values()}
            if before is not None and release.same_content(before.images, configs, company=company):
                say(f"  {before.version}: nothing new")
                return Candidate(before.version, before.target, is_new=False, released=before.released)
            _check(version, configs, order=order, base=base, released=released, latest=latest)
            if order.dry:
                return Candidate(version, None, is_new=True, released=order.moment)
            target = _push(version, saved, below=below, order=order, base=base, known=known)
    finally:
        for platform, name in names.items():
            order.engines[platform].forget(name)
    first = next(iter(below.values()))
    return Candidate(version, target, is_new=True, released=order.moment, upstream=first)


def _build(engine: Engine, row: Row, *, order: Order, upstream: str, revision: int) -> str:
    """The local name of one platform's image; a name that is nobody's, since nothing is proven yet."""
    machine = f"-{engine.platform.architecture}" if len(order.engines) > 1 else ""
    settings = replace(
        order.settings,
        registry="",
        tag=f"candidate-{os.getpid()}-py{row.python}{machine}",
        upstream=upstream,
    )
    (name,) = build(
        engine, settings, row=row, versions=order.versions, revision=revision, created=order.created
    )
    return name


def _read(engine: Engine, name: str, *, place: Path, known: Mapping[str, Descriptor]) -> Saved:
    own = place / name.rpartition(":")[2]
    own.mkdir()
    return saved_image.read(engine, name, place=own, known=frozenset(known))


def _upstream(engine: Engine, row: Row, *, order: Order) -> str:
    company = order.settings.company
    return order.settings.upstream or upstream.resolve(engine, row, versions=order.versions, company=company)


def _check(
    version: BaseVersion,
    configs: Mapping[Platform, ImageConfig],
    *,
    order: Order,
    base: BaseRepository,
    released: Sequence[BaseVersion],
    latest: BaseVersion | None,
) -> None:
    release.check_free(version, released=released, latest=latest)
    release.check_notes(version.number, order.notes, version=version, released=released)
    before = release.predecessor(version, released=released)
    if before is not None:
        old = base.release(before).images
        release.check_contract(version, configs, before=before, old=old, company=order.settings.company)


def _push(
    version: BaseVersion,
    saved: Mapping[Platform, Saved],
    *,
    below: Mapping[Platform, str],
    order: Order,
    base: BaseRepository,
    known: Mapping[str, Descriptor],
) -> Descriptor:
    """Push by digest, and prove each platform's image as the registry has it; no tag knows of it yet."""
    manifests = []
    there = {diff_id: (base.name, layer) for diff_id, layer in known.items()}
    for platform, (config, layers) in saved.items():
        annotations = naming.annotations(
            order.settings, version=str(version), upstream=below[platform], created=order.created
        )
        with step(f"push {version} ({platform})"):
            image = image_upload.upload(base.registry, base.name, config=config, layers=layers, known=there)
            pushed = pushing.push(
                image, registry=base.registry, repository=base.name, annotations=annotations
            )
        reference = Reference(base.registry.host, base.name, digest=pushed.digest)
        prove(order.engines[platform], reference, what=f"{version} ({platform})", settings=order.settings)
        manifests.append(pushed)
    if len(manifests) == 1:
        return manifests[0]
    return pushing.push_index(
        manifests, registry=base.registry, repository=base.name, annotations=annotations
    )
