"""How is the sample company made ready to be looked at?"""

from __future__ import annotations

import random
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from buildkit.decisions import probe, versions_file
from buildkit.edges import files, images
from buildkit.edges.children import build_child
from buildkit.edges.own_files import ROOT, VERSIONS
from buildkit.edges.progress import step
from buildkit.values.role import Role, Script
from buildkit.verbs.build import build

if TYPE_CHECKING:
    from buildkit.edges.engine import Engine
    from buildkit.values.settings import Settings

SAMPLES = ROOT / "images" / "samples"
CHAIN = ("shop", "stock", "prices")


def prepare(engine: Engine, settings: Settings, *, timeout: float) -> tuple[tuple[Role, ...], Script]:
    """Build the base, and on it the services; what is built already takes a second.

    Args:
        engine: builds them.
        settings: of the base.
        timeout: seconds until a service must answer.

    Raises:
        BuildkitError: a build failed.
    """
    versions = versions_file.parse(files.read(VERSIONS))
    row = versions_file.choose(versions, python=settings.python)
    *_, base = build(engine, settings, row=row, versions=versions)
    return on_base(engine, settings, base=base, tag="latest", timeout=timeout)


def names(settings: Settings, *, tag: str) -> dict[str, str]:
    """The services' images, by their short names."""
    return {name: f"{settings.company}/sample-{name}:{tag}" for name in CHAIN}


def on_base(
    engine: Engine, settings: Settings, *, base: str, tag: str, timeout: float
) -> tuple[tuple[Role, ...], Script]:
    """Build the services on a base.

    Args:
        engine: builds them.
        settings: the company, and the bundle that pip is to trust.
        base: what they stand on, by any name or digest.
        tag: of the services' images.
        timeout: seconds until a service must answer.

    Raises:
        BuildkitError: a build failed.
    """
    tags = names(settings, tag=tag)

    def make(name: str) -> None:
        build_child(engine, SAMPLES / name, tag=tags[name], base=base, ca_bundle=settings.ca_bundle)

    with step("build the services " + ", ".join(CHAIN)), ThreadPoolExecutor(len(CHAIN)) as pool:
        for done in [pool.submit(make, name) for name in CHAIN]:
            done.result()
    ids = random.SystemRandom()
    script = Script(
        requests=probe.company_requests(ids, chain=CHAIN),
        last=probe.last_requests(ids, through=CHAIN, path="/products/5", route="/products/<int:number>"),
        timeout=timeout,
    )
    roles = []
    for name, calls in zip(CHAIN, (*CHAIN[1:], ""), strict=True):
        image = images.inspect(engine.client, tags[name])
        roles.append(Role(name, image, ports=image.ports, calls=calls, must_call_out=True))
    return tuple(roles), script
