"""`sbom`: say which packages are in an image of a registry."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table

from buildkit.decisions import naming, reference
from buildkit.decisions.supply import sbom
from buildkit.edges import environment
from buildkit.edges.registry import Registry
from buildkit.edges.supply import attaching

if TYPE_CHECKING:
    import argparse

    from buildkit.values.settings import Settings


def add_arguments(parser: argparse.ArgumentParser, *, settings: Settings) -> None:
    """The image, and for whom the answer is."""
    add = parser.add_argument
    add("image", help="its name in a registry, with tag or digest")
    add("--json", action="store_true", help="CycloneDX 1.6, for a program")
    add("--attach", action="store_true", help="attach it to the image in the registry, too")
    add("--registry", default=settings.registry, help="of a name without one (REGISTRY)")


def run(arguments: argparse.Namespace, *, settings: Settings) -> int:
    """Read the image's layers, and print what they say on standard output."""
    settings = naming.check(settings)
    image = reference.parse(arguments.image, default_registry=arguments.registry)
    cache = environment.cache_directory()
    with Registry.connect(image.registry, ca_bundle=settings.ca_bundle) as registry:
        for each in attaching.images(registry, image):
            contents = attaching.contents(registry, each, cache=cache)
            if arguments.json:
                document = sbom.written(
                    contents,
                    image=each.reference,
                    platform=each.config.platform,
                    created=str(each.config.document.get("created") or ""),
                )
                print(document.decode())
                continue
            table = Table(
                "kind",
                "package",
                "version",
                "where",
                title=f"{each.reference} ({each.config.platform})",
                box=None,
            )
            for package in contents.packages:
                table.add_row(package.kind, package.name, package.version, f"/{package.path}")
            Console().print(table)
            counts = Counter(package.kind.value for package in contents.packages)
            print(", ".join(f"{number} {kind}" for kind, number in sorted(counts.items())) or "no packages")
        if arguments.attach:
            for digest in attaching.attach_sbom(registry, image, cache=cache):
                print(f"attached {image.name}@{digest}")
    return 0
