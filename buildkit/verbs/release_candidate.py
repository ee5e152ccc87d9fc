"""What does one row of versions.toml come out as: built, compared, pushed by digest, and proven?"""

from __future__ import annotations

import datetime as dt
import sys
from contextlib import ExitStack
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from buildkit.decisions import base_version, naming, platforms, release, verdict
from buildkit.edges import images, pushing, report, upstream
from buildkit.edges.engine_image import saved
from buildkit.edges.examination import Examination
from buildkit.edges.progress import say, step
from buildkit.edges.sandbox import Sandbox
from buildkit.values.errors import NotVerified
from buildkit.values.oci import Reference
from buildkit.values.release import Candidate
from buildkit.verbs import sample_company
from buildkit.verbs.build import build

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from buildkit.edges.base_repository import BaseRepository
    from buildkit.edges.engine import Engine
    from buildkit.edges.engine_image import SavedImage
    from buildkit.values.base_version import BaseVersion
    from buildkit.values.oci import Descriptor, ImageConfig, Platform
    from buildkit.values.release import Release
    from buildkit.values.settings import Settings
    from buildkit.values.versions import Row, Versions

READY_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be released.

    Attributes:
        settings: the company's.
        versions: the pins.
        engines: one for each platform.
        created: the release's time (RFC 3339).
        revision: the one that was asked for; None for the next free one.
        dry: whether nothing may be pushed.
        notes: what the changelog says of this version.
    """

    settings: Settings
    versions: Versions
    engines: Mapping[Platform, Engine]
    created: str
    revision: int | None
    dry: bool
    notes: str

    @property
    def moment(self) -> dt.datetime:
        return dt.datetime.fromisoformat(self.created)


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
    before = base.release(latest) if latest is not None else None
    names = {
        platform: _build(engine, row, order=order, revision=version.revision)
        for platform, engine in order.engines.items()
    }
    try:
        with ExitStack() as stack:
            built = {
                platform: stack.enter_context(saved(order.engines[platform], name))
                for platform, name in names.items()
            }
            configs = {platforms.normal(image.config.platform): image.config for image in built.values()}
            if before is not None and release.same_content(before.images, configs, company=company):
                say(f"  {before.version}: nothing new")
                return Candidate(before.version, before.target, is_new=False, released=before.released)
            _check(version, configs, order=order, base=base, released=released, latest=latest)
            if order.dry:
                return Candidate(version, None, is_new=True, released=order.moment)
            target = _push(version, row, built, order=order, base=base, before=before)
    finally:
        for platform, name in names.items():
            order.engines[platform].forget(name)
    return Candidate(version, target, is_new=True, released=order.moment)


def _build(engine: Engine, row: Row, *, order: Order, revision: int) -> str:
    """The local name of one platform's image; a name that is nobody's, since nothing is proven yet."""
    machine = f"-{engine.platform.architecture}" if len(order.engines) > 1 else ""
    settings = replace(
        order.settings,
        registry="",
        tag=f"candidate-py{row.python}{machine}",
        upstream=_upstream(engine, row, order=order),
    )
    (name,) = build(
        engine, settings, row=row, versions=order.versions, revision=revision, created=order.created
    )
    return name


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
    row: Row,
    built: Mapping[Platform, SavedImage],
    *,
    order: Order,
    base: BaseRepository,
    before: Release | None,
) -> Descriptor:
    """Push by digest, and prove each platform's image as the registry has it; no tag knows of it yet."""
    manifests = []
    for platform, image in built.items():
        below = _upstream(order.engines[platform], row, order=order)
        annotations = naming.annotations(
            order.settings, version=str(version), upstream=below, created=order.created
        )
        with step(f"push {version} ({platform})"):
            pushed = pushing.push(
                image,
                registry=base.registry,
                repository=base.name,
                annotations=annotations,
                known=before.layers if before is not None else None,
            )
        _prove(order.engines[platform], pushed.digest, what=f"{version} ({platform})", order=order, base=base)
        manifests.append(pushed)
    if len(manifests) == 1:
        return manifests[0]
    return pushing.push_index(
        manifests, registry=base.registry, repository=base.name, annotations=annotations
    )


def _prove(engine: Engine, digest: str, *, what: str, order: Order, base: BaseRepository) -> None:
    """Build the sample company on exactly this digest, and look at it.

    Raises:
        NotVerified: a check failed; the whole report is on standard error.
    """
    reference = Reference(base.registry.host, base.name, digest=digest)
    tag = f"release-{digest.removeprefix('sha256:')[:12]}"
    with step(f"pull {what}"):
        name = engine.pull(reference.name, version=digest)
    roles, script = sample_company.on_base(engine, order.settings, base=name, tag=tag, timeout=READY_SECONDS)
    try:
        below = images.inspect(engine.client, name)
        with Sandbox(engine, company=order.settings.company, relay_image=name) as sandbox:
            evidence = Examination(sandbox, roles=roles, script=script).run(
                bases=(below,), company=order.settings.company
            )
    finally:
        for role in roles:
            engine.forget(role.image.name)
    verdicts = [verdict.verdict(found) for found in evidence]
    if verdict.exit_code(verdicts):
        report.show(verdicts, evidence, stream=sys.stderr)
        raise NotVerified(
            f"{what} is not proven: {verdict.summary(verdicts)}",
            hint="no tag has moved; see the report above",
        )
    say(f"  {what}: {verdict.summary(verdicts)}")
