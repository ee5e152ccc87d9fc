"""`rebuild`: build a service from its own Dockerfile on an exact base, and push it by digest."""

from __future__ import annotations

import argparse
import dataclasses
import json
from pathlib import Path
from typing import TYPE_CHECKING

from buildkit.decisions import naming, reference
from buildkit.edges import files, newest_base, rebuilding
from buildkit.edges.progress import say, step
from buildkit.edges.registry import Registry
from buildkit.edges.terminable import terminable
from buildkit.values.blueprint import Blueprint

if TYPE_CHECKING:
    from buildkit.values.blueprint import Rebuilt
    from buildkit.values.oci import Reference
    from buildkit.values.settings import Settings


def add_arguments(parser: argparse.ArgumentParser, *, settings: Settings) -> None:
    """What is built, on what, where, and where it goes."""
    add = parser.add_argument
    add(
        "source",
        nargs="?",
        default=".",
        help="a directory or a git URL, https://...#ref:directory (%(default)s)",
    )
    add(
        "--image",
        required=True,
        help="the service's image; with a tag, nothing is pushed that it has already",
    )
    add("--service", default="", metavar="NAME", help="what its traces call it (the image's last part)")
    add("--onto", default="", metavar="TAG", help="tag or version of the base (what the Dockerfile follows)")
    add("--base", default="", help=f"the base's repository ({naming.repository(settings)})")
    add("--dockerfile", default="Dockerfile", help="its path in the source (%(default)s)")
    add("--target", default="", help="stage to build (the last)")
    add("--build-arg", action="append", default=[], metavar="NAME=VALUE", type=_pair, help="may be repeated")
    add(
        "--platform",
        action="append",
        default=[],
        help="may be repeated (the engine's; a builder's: the base's)",
    )
    add("--builder", default="", metavar="NAME", help="a buildx builder or a docker context (the engine)")
    add("--move-pinned", action="store_true", help="also where the Dockerfile names the base by digest")
    add("--json", action="store_true", help="print the result for a program")


def run(arguments: argparse.Namespace, *, settings: Settings) -> int:
    """Build and push; the image by digest is all that stands on standard output."""
    settings = naming.check(settings)
    image = reference.parse(arguments.image, default_registry=settings.registry)
    base = reference.parse(
        arguments.base or f"{settings.company}/{naming.IMAGE}",
        default_registry=settings.registry or image.registry,
    )
    if settings.ca_bundle is not None:
        files.check_bundle(settings.ca_bundle)
    blueprint = Blueprint(
        source=arguments.source,
        dockerfile=arguments.dockerfile,
        target=arguments.target,
        build_args=dict(arguments.build_arg),
        platforms=tuple(arguments.platform),
        service=arguments.service or naming.host(image.repository),
        move_pinned=arguments.move_pinned,
    )
    site = rebuilding.Site(builder=arguments.builder, ca_bundle=settings.ca_bundle, directory=Path())
    with terminable(), Registry.connect(image.registry, ca_bundle=settings.ca_bundle) as registry:
        made = _rebuild(registry, blueprint, image=image, base=base, onto=arguments.onto, site=site)
    if arguments.json:
        print(_as_json(made))
    else:
        if not made.changed:
            say(f"note: nothing new: {image} has the same layers and the same config")
        print(made.reference)
    return 0


def _rebuild(
    registry: Registry,
    blueprint: Blueprint,
    *,
    image: Reference,
    base: Reference,
    onto: str,
    site: rebuilding.Site,
) -> Rebuilt:
    exact = newest_base.find(
        registry,
        dataclasses.replace(base, tag=""),
        blueprint=blueprint,
        directory=site.directory,
        version=onto,
    )
    current = image.version if registry.head(image.repository, image.version) else ""
    with step(f"rebuild {image} on {exact.repository}:{exact.tag}") as tell:
        return rebuilding.rebuild(
            registry,
            blueprint,
            base=exact,
            repository=image.repository,
            site=site,
            current=current,
            on_step=tell,
        )


def _as_json(made: Rebuilt) -> str:
    return json.dumps(
        {
            "image": str(made.reference),
            "digest": made.reference.digest,
            "changed": made.changed,
            "base": str(made.base),
            "platforms": list(made.platforms),
            "source": made.origin,
            "commit": made.commit,
            "builder": made.builder,
        },
        indent=2,
    )


def _pair(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if name and equals:
        return name, value
    raise argparse.ArgumentTypeError(f"{text!r} is no build argument: write NAME=VALUE")
