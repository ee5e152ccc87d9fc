"""Have a service's Dockerfile built on an exact base: by the engine, or by any buildx builder."""

from __future__ import annotations

import json
import os
import tempfile
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from docker.errors import ImageNotFound

from buildkit.decisions import dockerfile_edit, progress_lines
from buildkit.decisions.build_command import Build, words
from buildkit.decisions.dockerfile import parse
from buildkit.decisions.reference import is_loopback
from buildkit.edges import commands, files, image_reading, image_upload, saved_image
from buildkit.edges.children import edited_copy
from buildkit.values.errors import CommandFailed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from buildkit.decisions.builder_choice import Builder
    from buildkit.edges.engine import Engine
    from buildkit.edges.registry import Registry
    from buildkit.values.built import BuiltImage
    from buildkit.values.oci import Descriptor, Reference


@dataclass(frozen=True, slots=True)
class Order:
    """One service's image to build.

    Attributes:
        context: the build's context.
        dockerfile: the service's own.
        base: the exact base, by digest.
        names: the base's repositories, as Dockerfiles name them.
        spellings: every image that the Dockerfile names and that is the base.
        target: stage to build; empty for the last one.
        build_args: values of ARGs.
        platforms: to build for; empty for the builder's own.
        ca_bundle: PEM file that every RUN step is to trust; None for none.
        what: begins an error's sentence.
    """

    context: Path
    dockerfile: Path
    base: Reference
    names: tuple[str, ...]
    spellings: tuple[str, ...]
    target: str
    build_args: Mapping[str, str]
    platforms: tuple[str, ...]
    ca_bundle: Path | None
    what: str


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
            with _prepared(order, builder=engine.builder) as build:
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
        _prepared(order, builder=builder) as prepared,
    ):
        told = Path(place) / "metadata.json"
        build = replace(prepared, platforms=order.platforms, outputs=(",".join(push),), metadata=told)
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


@contextmanager
def _prepared(order: Order, *, builder: Builder) -> Iterator[Build]:
    """The build with its base replaced.

    Where the builder knows named contexts, the service's own Dockerfile is built as it is, and the base's names
    in it mean our digest. Elsewhere an edited copy says that digest itself. A CA bundle needs a mount in every RUN
    step, so an edited copy as well.
    """
    exact = f"{order.base.name}@{order.base.digest}"
    original = files.read(order.dockerfile)
    text = original
    contexts = {}
    if builder.named_contexts:
        contexts = dict.fromkeys(order.spellings, f"docker-image://{exact}")
    else:
        parsed = parse(text, build_args=order.build_args)
        text = dockerfile_edit.with_base(parsed, names=order.names, replacement=exact)
    secrets = {}
    if order.ca_bundle is not None:
        secrets["ca_bundle"] = files.check_bundle(order.ca_bundle)
        text = dockerfile_edit.with_ca(parse(text, build_args=order.build_args))
    build = Build(
        context=order.context,
        tags=(),
        dockerfile=order.dockerfile,
        target=order.target,
        build_args=order.build_args,
        secrets=secrets,
        contexts=contexts,
    )
    if text == original:
        yield build
        return
    with edited_copy(order.dockerfile, text=text) as edited:
        yield replace(build, dockerfile=edited)
