"""What can be said to `release`, and what does it order?"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from buildkit.decisions import naming, nodes, versions_file
from buildkit.edges import files
from buildkit.edges.engine import Engine
from buildkit.edges.own_files import ROOT, SUPPORT, VERSIONS
from buildkit.values.errors import BadSetting, Misuse

if TYPE_CHECKING:
    import argparse
    from collections.abc import Mapping
    from contextlib import ExitStack

    from buildkit.values.oci import Platform
    from buildkit.values.settings import Settings
    from buildkit.values.versions import Row, Versions

CHANGELOG = ROOT / "CHANGELOG.md"


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


def settings_of(arguments: argparse.Namespace, settings: Settings) -> Settings:
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


def rows_of(versions: Versions, *, python: str) -> tuple[Row, ...]:
    return (versions_file.choose(versions, python=python),) if python else tuple(versions.rows.values())


def engines_for(
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
