"""What is to be built for a service, and how is its base replaced without an edit of its files?"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from buildkit.decisions import dockerfile_edit
from buildkit.decisions.build_command import Build
from buildkit.decisions.dockerfile import parse
from buildkit.edges import files
from buildkit.edges.children import edited_copy

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from buildkit.decisions.builder_choice import Builder
    from buildkit.values.oci import Reference


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


@contextmanager
def prepared(order: Order, *, builder: Builder) -> Iterator[Build]:
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
