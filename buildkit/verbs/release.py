"""`release`: build, prove, push and tag a base for every row of images/versions.toml."""

from __future__ import annotations

import datetime as dt
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from docker.errors import APIError, DockerException

from buildkit.decisions import (
    base_version,
    changelog,
    naming,
    nodes,
    reference,
    release,
    release_report,
    support,
    versions_file,
)
from buildkit.decisions.supply.policy import Keys
from buildkit.edges import base_tags, environment, files, own_source
from buildkit.edges.base_repository import BaseRepository
from buildkit.edges.engine import Engine, told
from buildkit.edges.own_files import ROOT, SUPPORT, VERSIONS
from buildkit.edges.progress import step
from buildkit.edges.registry import Registry
from buildkit.edges.supply import vouching
from buildkit.edges.terminable import terminable
from buildkit.values.errors import BadSetting, CommandFailed, Misuse
from buildkit.values.oci import Reference
from buildkit.values.package import Origin
from buildkit.values.release import Outcome
from buildkit.verbs.release_candidate import Order, candidate

if TYPE_CHECKING:
    import argparse
    from collections.abc import Mapping, Sequence

    from buildkit.values.oci import Descriptor, Platform
    from buildkit.values.release import Candidate
    from buildkit.values.settings import Settings
    from buildkit.values.support import SupportRules
    from buildkit.values.versions import Row, Versions

CHANGELOG = ROOT / "CHANGELOG.md"


def add_arguments(parser: argparse.ArgumentParser, *, settings: Settings) -> None:
    """Where to, what, and the few things that may be forced."""
    add = parser.add_argument
    add("--registry", default=settings.registry, help="host:port, and a path below it (REGISTRY)")
    add("--company", default=settings.company, help="first part of the image's name (COMPANY, %(default)s)")
    add("--python", default=settings.python, help="only this row of images/versions.toml (PYTHON; all rows)")
    add("--collector", default=settings.collector, help="OTLP/HTTP endpoint (COLLECTOR, %(default)s)")
    add("--ca-bundle", type=Path, default=settings.ca_bundle, help="PEM file that builds trust (CA_BUNDLE)")
    add("--trust-ca", action="store_true", default=settings.trust_ca, help="and so does the image (TRUST_CA)")
    add(
        "--platforms",
        default="",
        metavar="LIST",
        help="linux/amd64,linux/arm64 (versions.toml's, else this engine's)",
    )
    add(
        "--node",
        action="append",
        default=[],
        metavar="PLATFORM=HOST",
        help="build and prove a platform on another engine: linux/arm64=ssh://host; may be repeated",
    )
    add("--sign-key", default="", metavar="KEY", help="sign with this key; cosign asks COSIGN_PASSWORD")
    add(
        "--public-key", default="", metavar="KEY", help="check the signature with this key before a tag moves"
    )
    add("--revision", type=int, help="release as this revision (the next free one)")
    add("--force", action="store_true", help="let rolling tags go backwards")
    add("--dry-run", action="store_true", help="build and compare, but push nothing and move no tag")
    add("--json", action="store_true", help="print the result for a program")
    add("--versions", type=Path, default=VERSIONS, help="the pins (images/versions.toml)")
    add("--support", type=Path, default=SUPPORT, help="until when what is supported (images/support.toml)")
    add("--changelog", type=Path, default=CHANGELOG, help="where the release notes are (CHANGELOG.md)")


def run(arguments: argparse.Namespace, *, settings: Settings) -> int:
    """Release every row, and print each version with its digest and its tags.

    No tag moves before all rows are proven. Whatever interrupts it, running it again goes on.
    """
    settings = _settings(arguments, settings)
    versions = versions_file.parse(files.read(arguments.versions))
    # What cannot be released is said before anything is built.
    base_version.of_row(versions.base, python=versions.default_python, revision=1)
    rules = support.parse(files.read(arguments.support))
    notes = changelog.notes(files.read(arguments.changelog), version=versions.base)
    rows = _rows(versions, python=settings.python)
    keys = Keys(private=arguments.sign_key, public=arguments.public_key)
    vouching.check_policy(signatures_required=bool(keys.private or keys.public), keys=keys)
    try:
        with ExitStack() as stack:
            stack.enter_context(terminable())
            order = Order(
                settings=settings,
                versions=versions,
                engines=_engines(stack, arguments, versions=versions),
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


def _settings(arguments: argparse.Namespace, settings: Settings) -> Settings:
    if arguments.revision is not None and arguments.revision < 1:
        raise Misuse(f"--revision {arguments.revision} is no revision", hint="they count from 1")
    if not arguments.registry:
        raise BadSetting("a release needs a registry", hint="give --registry host:port, or REGISTRY")
    settings = replace(
        settings,
        registry=arguments.registry,
        company=arguments.company,
        python=arguments.python,
        collector=arguments.collector,
        ca_bundle=arguments.ca_bundle,
        trust_ca=arguments.trust_ca,
        tag="",
    )
    if settings.ca_bundle is not None:
        files.check_bundle(settings.ca_bundle)
    return naming.check(settings)


def _rows(versions: Versions, *, python: str) -> tuple[Row, ...]:
    return (versions_file.choose(versions, python=python),) if python else tuple(versions.rows.values())


def _engines(
    stack: ExitStack, arguments: argparse.Namespace, *, versions: Versions
) -> Mapping[Platform, Engine]:
    """An engine for each platform: a node's, or the local one, emulating what it is not."""
    local = Engine.connect()
    stack.callback(local.close)
    wanted = nodes.wanted(arguments.platforms) or versions.platforms
    given = dict(nodes.node(text) for text in arguments.node)
    engines = {}
    for platform, host in nodes.spread(wanted, nodes=given, own=local.own_platform).items():
        if host:
            engine = Engine.connect(host=host)
            stack.callback(engine.close)
        else:
            engine = local
        engines[platform] = engine.emulating(platform)
    return engines
