"""`promote`: let tags stand for an image that was verified."""

from __future__ import annotations

from typing import TYPE_CHECKING

from buildkit.decisions import naming, reference
from buildkit.edges import verdicts
from buildkit.edges.registry import Registry
from buildkit.values.errors import BadReference, NotInRegistry, NotVerified

if TYPE_CHECKING:
    import argparse

    from buildkit.values.oci import Reference
    from buildkit.values.settings import Settings


def add_arguments(parser: argparse.ArgumentParser, *, settings: Settings) -> None:  # noqa: ARG001 - all verbs alike
    """The image and its tags."""
    add = parser.add_argument
    add("image", help="the image by digest, name@sha256:..., as `rebuild` and `rebase` print it")
    add("--tag", action="append", required=True, help="a tag that is to stand for it; may be repeated")


def run(arguments: argparse.Namespace, *, settings: Settings) -> int:
    """Move the tags, if the last word of `verify --attest` on this digest is a good one."""
    settings = naming.check(settings)
    image = reference.parse(arguments.image, default_registry=settings.registry)
    if not image.digest:
        raise BadReference(
            f"{image} is a tag, which may stand for another image by now", hint="name the digest"
        )
    for tag in arguments.tag:
        if not reference.is_tag(tag):
            raise BadReference(f"{tag!r} cannot be a tag", hint="use up to 128 letters, digits, - . and _")
    with Registry.connect(image.registry, ca_bundle=settings.ca_bundle) as registry:
        _check(registry, image)
        for tag in dict.fromkeys(arguments.tag):
            there = registry.head(image.repository, tag)
            registry.move_tag(
                image.repository, tag, to=image.digest, expected=there.digest if there else None
            )
            before = f" (was {there.digest})" if there and there.digest != image.digest else ""
            print(f"{image.name}:{tag} -> {image.digest}{before}")
    return 0


def _check(registry: Registry, image: Reference) -> None:
    """No tag ever points to an image that was not verified."""
    if registry.head(image.repository, image.digest) is None:
        raise NotInRegistry(f"there is no {image}", hint="was it pushed to another repository?")
    found = verdicts.last(registry, image.repository, image.digest)
    if found is None:
        raise NotVerified(f"nobody has verified {image}", hint=f"python -m buildkit verify --attest {image}")
    if not found.passed:
        names = ", ".join(check.name for check in found.failures)
        raise NotVerified(f"{image} was verified and failed: {names}", hint="mend it and build it anew")
