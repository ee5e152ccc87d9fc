"""`rebase`: put one image onto another release of the base, in the registry."""

from __future__ import annotations

import dataclasses
import json
from typing import TYPE_CHECKING

from buildkit.decisions import base_version, naming, reference
from buildkit.edges import bases, environment, rebasing
from buildkit.edges.progress import step
from buildkit.edges.survey import Registries

if TYPE_CHECKING:
    import argparse

    from buildkit.values.rebase import Rebased
    from buildkit.values.settings import Settings

BUDGET = 16


def add_arguments(parser: argparse.ArgumentParser, *, settings: Settings) -> None:
    """The image and where it goes."""
    add = parser.add_argument
    add("image", help="a service's image in a registry, by tag or digest")
    add(
        "--onto",
        default="",
        metavar="VERSION",
        help="release of the base (the newest for the image's Python)",
    )
    add("--base", default="", help=f"the base's repository ({naming.repository(settings)})")
    add("--dry-run", action="store_true", help="push nothing, say what would come of it")
    add("--json", action="store_true", help="print the result for a program")


def run(arguments: argparse.Namespace, *, settings: Settings) -> int:
    """Push the result by its digest; no tag moves, since nobody has verified it yet."""
    settings = naming.check(settings)
    image = reference.parse(arguments.image, default_registry=settings.registry)
    onto = base_version.parse(arguments.onto) if arguments.onto else None
    near = settings.registry or image.registry
    base = reference.parse(arguments.base or f"{settings.company}/{naming.IMAGE}", default_registry=near)
    with Registries(
        budget=BUDGET, ca_bundle=settings.ca_bundle, cache=environment.cache_directory()
    ) as registries:
        below, documents = registries.documents(base.registry), registries.documents(image.registry)
        with step(f"rebase {image}"):
            found = rebasing.rebase(
                documents.registry,
                image,
                bases=bases.read(below, base, company=settings.company),
                onto=onto,
                dry=arguments.dry_run,
                documents=documents,
                source=below.registry,
            )
    print(_as_json(found, dry=arguments.dry_run) if arguments.json else _told(found, dry=arguments.dry_run))
    return 0


def _told(found: Rebased, *, dry: bool) -> str:
    result = dataclasses.replace(found.reference, tag="", digest=found.digest)
    if not found.changed:
        return f"{found.reference} stands on {found.onto} already: {result}"
    was = ", ".join(dict.fromkeys(str(version) for version in found.before_bases.values()))
    lines = [f"{'would be' if dry else 'pushed'}: {result}", f"base: {was} -> {found.onto}"]
    if len(found.platforms) > 1:
        lines.append(f"platforms: {', '.join(str(platform) for platform in found.platforms)}")
    lines += [f"conflict: {conflict}" for conflict in found.conflicts]
    lines += [f"note: {note}" for note in found.notes]
    if not dry:
        lines.append(f"no tag was moved; next: python -m buildkit verify {result}")
    return "\n".join(lines)


def _as_json(found: Rebased, *, dry: bool) -> str:
    document = {
        "image": str(found.reference),
        "before": found.before,
        "digest": found.digest,
        "changed": found.changed,
        "pushed": found.changed and not dry,
        "onto": str(found.onto),
        "platforms": [
            {
                "platform": str(platform),
                "digest": digest,
                "base": str(found.before_bases[platform]),
            }
            for platform, digest in found.platforms.items()
        ],
        "conflicts": [dataclasses.asdict(conflict) for conflict in found.conflicts],
        "notes": list(found.notes),
    }
    return json.dumps(document, indent=2, ensure_ascii=False)
