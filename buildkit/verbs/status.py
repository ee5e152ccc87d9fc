"""`status`: which service stands on which release of the base?"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from buildkit.decisions import naming, reference, status_rows, support
from buildkit.edges import bases, environment, files, fleet
from buildkit.edges.own_files import SUPPORT
from buildkit.edges.progress import step
from buildkit.edges.survey import Registries, survey
from buildkit.values.errors import Misuse
from buildkit.values.fleet import Fleet, ServiceEntry
from buildkit.values.oci import Reference

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

    from buildkit.values.settings import Settings
    from buildkit.values.status import StatusRow

# A whole fleet is asked for its tags each time; for its verdicts, as many requests again, once a minute.
VERDICT_AGE = 60.0


def add_arguments(parser: argparse.ArgumentParser, *, settings: Settings) -> None:
    """The services, by name or by file."""
    add = parser.add_argument
    add("image", nargs="*", help=f"services' images; without any, those of {fleet.FILE}")
    add("--fleet", type=Path, help=f"file that names registry and services ({fleet.FILE}, if it is here)")
    add(
        "--base",
        default="",
        help=f"the base's repository, where images are named ({naming.repository(settings)})",
    )
    add("--json", action="store_true", help="print the result for a program")


def run(arguments: argparse.Namespace, *, settings: Settings) -> int:
    """Look at all services, and print them, the worst first; 1 if one of them could not be read."""
    settings = naming.check(settings)
    chosen = _fleet(arguments, settings=settings)
    rules = support.parse(files.read(SUPPORT))
    with Registries(
        budget=chosen.budget.registry, ca_bundle=settings.ca_bundle, cache=environment.cache_directory()
    ) as registries:
        documents = registries.documents(chosen.registry)
        with step("read the bases and services") as tell:
            catalogue = bases.read(
                documents, Reference(chosen.registry, chosen.base), company=chosen.company, rules=rules
            )
            entries = fleet.services(chosen, registry=documents.registry)
            tell(f"{len(entries)} services")
            rows = survey(
                entries, registries=registries, catalogue=catalogue, fleet=chosen, verdict_age=VERDICT_AGE
            )
    rows, strangers = status_rows.without_strangers(status_rows.ordered(rows), fleet=chosen)
    problems = [*catalogue.problems, *([strangers] if strangers else [])]
    if arguments.json:
        print(status_rows.as_json(rows, catalogue=catalogue, problems=problems))
    else:
        _show(rows, problems=problems)
    return status_rows.exit_code(rows) or int(bool(catalogue.problems))


def _show(rows: Sequence[StatusRow], *, problems: Sequence[str]) -> None:
    if sys.stdout is not None and sys.stdout.isatty():
        from buildkit.edges import status_report  # noqa: PLC0415 - a pipe need not wait for what draws on terminals

        status_report.show(rows, problems=problems)
        return
    print("\n".join([*status_rows.lines(rows), "", *problems, status_rows.summary(rows)]))


def _fleet(arguments: argparse.Namespace, *, settings: Settings) -> Fleet:
    """The fleet of the file, or one made of the images that were named.

    Raises:
        Misuse: both are given, or neither.
        BadFleetFile: the file does not say what it must.
    """
    if arguments.image and arguments.fleet:
        raise Misuse("images and --fleet are both given", hint="name images, or a file")
    if not arguments.image and arguments.base:
        raise Misuse("--base goes with images", hint="a fleet's file names its base itself")
    if not arguments.image:
        path = arguments.fleet or fleet.FILE
        if not arguments.fleet and not path.exists():
            raise Misuse(f"there is no {path} here", hint="name images, or a file with --fleet")
        return fleet.read(path, company=settings.company)
    images = [reference.parse(text, default_registry=settings.registry) for text in arguments.image]
    # Without REGISTRY, the base is where the first service is.
    near = settings.registry or images[0].registry
    base = reference.parse(arguments.base or f"{settings.company}/{naming.IMAGE}", default_registry=near)
    return Fleet(
        registry=base.registry,
        company=settings.company,
        base=base.repository,
        services=tuple(
            ServiceEntry(name=text, image=image) for text, image in zip(arguments.image, images, strict=True)
        ),
    )
