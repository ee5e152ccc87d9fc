"""Have a service's Dockerfile built on an exact base: by the engine, or by any buildx builder."""

from __future__ import annotations

import json
import os
import tempfile
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from docker.errors import ImageNotFound

from buildkit.decisions import progress_lines
from buildkit.decisions.build_command import words
from buildkit.decisions.reference import is_loopback
from buildkit.edges import commands, image_reading, image_upload, saved_image
from buildkit.edges.build_order import Order, prepared
from buildkit.values.errors import CommandFailed

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from buildkit.decisions.builder_choice import Builder
    from buildkit.edges.engine import Engine
    from buildkit.edges.registry import Registry
    from buildkit.values.built import BuiltImage
    from buildkit.values.oci import Descriptor


def by_engine(
    engine: Engine,
    order: Order,
    *,
    registry: Registry,
    repository: str,
    known: Mapping[str, tuple[str, Descriptor]],
    on_step: Callable[[str], None] | None = None,
) -> tuple[BuiltImage, ...]:
    """Build with the local engine, one platform after the other, and upload what the registry has not.

    The image has a name in the engine only, and only for that while. No tag in the registry ever stands for it:
    the engine can push nothing without a tag, so its layers go through our own client.

    Args:
        engine: Builds.
        order: What.
        registry: Where to.
        repository: Where to.
        known: Layers that the registry has, by diff_id: in which repository, and what they are there.
        on_step: Called with each build step as it begins.

    Raises:
        CommandFailed: A step failed; the message has its own last words.
        OutOfDisk: The disk is full.
    """
    images = []
    for platform in order.platforms or ("",):
        name = f"rebuild:{os.getpid()}-{os.urandom(6).hex()}"
        try:
            with prepared(order, builder=engine.builder) as build:
                made = replace(build, tags=(name,), platforms=(platform,) if platform else ())
                engine.build(made, what=order.what, on_step=on_step)
            with tempfile.TemporaryDirectory(prefix="rebuild-") as place:
                config, layers = saved_image.read(engine, name, place=Path(place), known=frozenset(known))
                images.append(
                    image_upload.upload(registry, repository, config=config, layers=layers, known=known)
                )
        finally:
            with suppress(ImageNotFound):
                engine.client.images.remove(name, force=True, noprune=False)
    return tuple(images)


def by_builder(
    builder: Builder,
    order: Order,
    *,
    registry: Registry,
    repository: str,
    on_step: Callable[[str], None] | None = None,
) -> tuple[BuiltImage, ...]:
    """Build with a buildx builder wherever it is, which pushes the result by its digest.

    Args:
        builder: Builds.
        order: What.
        registry: Where to; the builder reaches it by the same name.
        repository: Where to.
        on_step: Called with each build step as it begins.

    Raises:
        CommandFailed: A step or the push failed; the message has the last words.
    """
    push = [
        "type=image",
        f"name={registry.host}/{repository}",
        "push-by-digest=true",
        "name-canonical=true",
        "push=true",
        "oci-mediatypes=true",
    ]
    if is_loopback(registry.host):
        push.append("registry.insecure=true")

    def on_line(line: str) -> None:
        if on_step is not None and (name := progress_lines.step(line)):
            on_step(name)

    with (
        tempfile.TemporaryDirectory(prefix="rebuild-") as place,
        prepared(order, builder=builder) as ready,
    ):
        told = Path(place) / "metadata.json"
        build = replace(ready, platforms=order.platforms, outputs=(",".join(push),), metadata=told)
        commands.run(
            words(build, builder=builder),
            what=order.what,
            environment=dict(builder.environment),
            on_line=on_line,
        )
        digest = _digest(told, builder=builder)
    return image_reading.platforms(registry, repository, digest)


def _digest(told: Path, *, builder: Builder) -> str:
    try:
        return str(json.loads(told.read_bytes())["containerimage.digest"])
    except (OSError, ValueError, KeyError, TypeError):
        raise CommandFailed(
            f"the builder {builder.name} does not say what it pushed",
            hint="it must be able to push by digest: docker-container, kubernetes, remote, or an engine with "
            "containerd's image store",
        ) from None
