"""`release`: build, prove, push and tag a base for every row of images/versions.toml."""

from __future__ import annotations

import datetime as dt
from contextlib import ExitStack
from typing import TYPE_CHECKING

from docker.errors import APIError, DockerException

from buildkit.decisions import (
    base_version,
    changelog,
    naming,
    reference,
    release,
    release_report,
    support,
    versions_file,
)
from buildkit.decisions.supply.policy import Keys
from buildkit.edges import base_tags, environment, files, own_source
from buildkit.edges.base_repository import BaseRepository
from buildkit.edges.engine import told
from buildkit.edges.own_files import ROOT
from buildkit.edges.progress import step
from buildkit.edges.registry import Registry
from buildkit.edges.supply import vouching
from buildkit.edges.terminable import terminable
from buildkit.values.errors import CommandFailed
from buildkit.values.oci import Reference
from buildkit.values.package import Origin
from buildkit.values.release import Outcome
from buildkit.verbs.release_candidate import candidate
from buildkit.verbs.release_options import Order, add_arguments, engines_for, rows_of, settings_of

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

    from buildkit.values.oci import Descriptor
    from buildkit.values.release import Candidate
    from buildkit.values.settings import Settings
    from buildkit.values.support import SupportRules
    from buildkit.values.versions import Row

__all__ = ["add_arguments", "run"]


def run(arguments: argparse.Namespace, *, settings: Settings) -> int:
    """Release every row, and print each version with its digest and its tags.

    No tag moves before all rows are proven. Whatever interrupts it, running it again goes on.
    """
    settings = settings_of(arguments, settings)
    versions = versions_file.parse(files.read(arguments.versions))
    # What cannot be released is said before anything is built.
    base_version.of_row(versions.base, python=versions.default_python, revision=1)
    rules = support.parse(files.read(arguments.support))
    notes = changelog.notes(files.read(arguments.changelog), version=versions.base)
    rows = rows_of(versions, python=settings.python)
    keys = Keys(private=arguments.sign_key, public=arguments.public_key)
    vouching.check_policy(signatures_required=bool(keys.private or keys.public), keys=keys)
    try:
        with ExitStack() as stack:
            stack.enter_context(terminable())
            order = Order(
                settings=settings,
                versions=versions,
                engines=engines_for(stack, arguments, versions=versions),
                created=dt.datetime.now(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
                revision=arguments.revision,
                dry=arguments.dry_run,
                notes=notes,
            )
            place = reference.parse(naming.repository(settings))
            registry = stack.enter_context(Registry.connect(place.registry, ca_bundle=settings.ca_bundle))
            base = BaseRepository(registry, name=place.repository, company=settings.company)
            return _release(rows, order=order, base=base, rules=rules, arguments=arguments)
    except APIError as error:
        raise told(error, what="releasing") from None
    except DockerException as error:
        raise CommandFailed(f"releasing failed: {error}", hint="is the Docker Engine still there?") from None


def _release(
    rows: Sequence[Row],
    *,
    order: Order,
    base: BaseRepository,
    rules: SupportRules,
    arguments: argparse.Namespace,
) -> int:
    released = base.versions()
    if any(row.python == order.versions.default_python for row in rows):
        _check_default(order, base=base)
    # All rows are proven before the first tag moves: a release that fails half-way has changed nothing.
    candidates = [candidate(row, order=order, base=base, released=released) for row in rows]
    for each in candidates:
        if each.is_new and each.target is not None:
            _vouch(each, each.target, base=base, arguments=arguments)
            base_tags.give_immutable(base, each.version, each.target)
    outcomes = [
        _outcome(each, order=order, base=base, rules=rules, force=arguments.force) for each in candidates
    ]
    if arguments.json:
        print(release_report.as_json(outcomes, repository=naming.repository(order.settings)))
    else:
        for line in release_report.lines(outcomes, notes=order.notes, dry=order.dry):
            print(line)
    return 0


def _outcome(
    each: Candidate, *, order: Order, base: BaseRepository, rules: SupportRules, force: bool
) -> Outcome:
    default = order.versions.default_python
    if each.target is None:
        planned = base_tags.plan_moves(base, each.version, default_python=default, force=force)
        moves = tuple(move for move, _ in planned)
    else:
        base_tags.attach_notes(base, each.target, order.notes)
        moves = base_tags.move_rolling(base, each.version, each.target, default_python=default, force=force)
    today = dt.datetime.now(dt.UTC).date()
    until = support.support(each.version, released=each.released, rules=rules, today=today)
    return Outcome(each, moves, until)


def _vouch(
    each: Candidate, target: Descriptor, *, base: BaseRepository, arguments: argparse.Namespace
) -> None:
    """Attach SBOM and provenance, and sign: before the first tag, so that nobody sees a release without."""
    source, commit = own_source.of(ROOT)
    keys = Keys(private=arguments.sign_key, public=arguments.public_key)
    with step(f"attach to {each.version} its SBOM and where it comes from"):
        vouching.vouch(
            base.registry,
            Reference(base.registry.host, base.name, digest=target.digest),
            origin=Origin(how="release", base=each.upstream, source=source, commit=commit),
            keys=keys,
            signatures_required=bool(arguments.public_key),
            sbom=True,
            cache=environment.cache_directory(),
        )


def _check_default(order: Order, *, base: BaseRepository) -> None:
    version = base_version.of_row(order.versions.base, python=order.versions.default_python, revision=1)
    at = base.rolling((str(version.major),))
    current = at[str(version.major)][1] if at else None
    release.check_default(version, current=current)
