"""`build`: make the company's base image for one Python."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from pathlib import Path
from typing import TYPE_CHECKING

from buildkit.decisions import contract, naming, versions_file
from buildkit.decisions.build_command import Build
from buildkit.edges import files, upstream
from buildkit.edges.engine import Engine
from buildkit.edges.own_files import ROOT, VERSIONS
from buildkit.edges.progress import say, step

if TYPE_CHECKING:
    import argparse

    from buildkit.values.settings import Settings
    from buildkit.values.versions import Row, Versions

FACTS = ROOT / "images" / "install" / "facts.py"
APP_UID = 10001


def add_arguments(parser: argparse.ArgumentParser, *, settings: Settings) -> None:
    """Every option is a setting of `make` as well; the option wins."""
    add = parser.add_argument
    add("--company", default=settings.company, help="first part of the image's name (COMPANY, %(default)s)")
    add("--registry", default=settings.registry, help="put before the image's name (REGISTRY)")
    add("--python", default=settings.python, help="X.Y of a row in images/versions.toml (PYTHON)")
    add("--collector", default=settings.collector, help="OTLP/HTTP endpoint (COLLECTOR, %(default)s)")
    add("--ca-bundle", type=Path, default=settings.ca_bundle, help="PEM file that builds trust (CA_BUNDLE)")
    add("--trust-ca", action="store_true", default=settings.trust_ca, help="and so does the image (TRUST_CA)")
    add("--tag", default=settings.tag, help="the only tag, instead of version and latest (TAG)")
    add("--upstream", default=settings.upstream, help="build on this local image instead (UPSTREAM)")
    add("--versions", type=Path, default=VERSIONS, help="the pins (images/versions.toml)")


def run(arguments: argparse.Namespace, *, settings: Settings) -> int:
    """Build, and print the image's names on standard output."""
    names = {field.name for field in dataclasses.fields(settings)}
    chosen = {name: value for name, value in vars(arguments).items() if name in names}
    settings = naming.check(dataclasses.replace(settings, **chosen))
    versions = versions_file.parse(files.read(arguments.versions))
    row = versions_file.choose(versions, python=settings.python)
    if settings.ca_bundle is not None:
        files.check_bundle(settings.ca_bundle)
    engine = Engine.connect()
    try:
        for name in build(engine, settings, row=row, versions=versions):
            print(name)
    finally:
        engine.close()
    return 0


def build(
    engine: Engine,
    settings: Settings,
    *,
    row: Row,
    versions: Versions,
    revision: int = 0,
    created: str = "",
) -> tuple[str, ...]:
    """Build the base image; the same input again comes from the builder's cache, in a second or two.

    Args:
        engine: Builds it, for its platform.
        settings: The company's.
        row: Which Python.
        versions: The pins.
        revision: Of a release.
        created: The release's time (RFC 3339).

    Returns:
        The image's names.

    Raises:
        BuildkitError: Anything that can go wrong, in one line.
    """
    secrets = {"ca_bundle": settings.ca_bundle} if settings.ca_bundle else {}
    below = settings.upstream or upstream.resolve(engine, row, versions=versions, company=settings.company)
    facts = json.loads(engine.output(below, ["python3", "-I", "-c", files.read(FACTS)]))
    tags = naming.tags(settings, version=versions.base)
    with step(f"build {tags[-1]} (Python {facts['python']})") as tell:
        engine.build(
            Build(
                context=ROOT,
                tags=tags,
                build_args={
                    "UPSTREAM": below,
                    "COMPANY": settings.company,
                    "VERSION": versions.base,
                    "COLLECTOR": settings.collector,
                    "APP_UID": str(APP_UID),
                    "TRUST_CA": _trusted(settings),
                    "SOURCE_DATE_EPOCH": str(versions.source_date_epoch),
                },
                labels=naming.labels(
                    settings,
                    version=versions.base,
                    contract=contract.labels(facts, uid=APP_UID),
                    revision=revision,
                    created=created,
                ),
                annotations=naming.annotations(settings, version=versions.base, upstream=below),
                secrets=secrets,
            ),
            what=f"building {tags[-1]}",
            on_step=tell,
        )
    if facts["python"] != row.python:
        say(f"note: {below} has Python {facts['python']}, not {row.python}")
    return tags


def _trusted(settings: Settings) -> str:
    """The digest of the bundle that goes into the image, empty for none."""
    if not settings.trust_ca or settings.ca_bundle is None:
        return ""
    return hashlib.sha256(settings.ca_bundle.read_bytes()).hexdigest()
