"""Which image does a text name?"""

from __future__ import annotations

import re

from buildkit.values.errors import BadReference
from buildkit.values.oci import Reference

# https://github.com/distribution/reference/blob/main/reference.go has the grammar, and which first part is a host.
_HOST = re.compile(r"(?:[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?|\[[0-9a-fA-F:]+\])(?::\d{1,5})?")
_REPOSITORY = re.compile(r"[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*")
_TAG = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}")
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128}")
_LONGEST = 255
HUB = "docker.io"


def parse(text: str, *, default_registry: str = "") -> Reference:
    """Read `host:port/path:tag@digest`; all but the path may be missing.

    Args:
        text: As `docker pull` would take it.
        default_registry: Host, and the path below it, of a name without a host; Docker's own if it is empty.

    Returns:
        A whole reference; its tag is `latest` if the text has neither tag nor digest.

    Raises:
        BadReference: It names no image.
    """
    rest, at, digest = text.partition("@")
    if at and not is_digest(digest):
        raise BadReference(f"{text!r}: {digest!r} is no digest", hint="write name@sha256:<64 hex digits>")
    rest, tag = _without_tag(rest)
    if tag is not None and not is_tag(tag):
        raise BadReference(
            f"{text!r}: {tag!r} cannot be a tag", hint="use up to 128 letters, digits, - . and _"
        )
    registry, repository = _split(rest, default_registry=default_registry)
    if not _HOST.fullmatch(registry):
        raise BadReference(f"{text!r}: {registry!r} is no host", hint="write host:port/name, no scheme")
    if not _REPOSITORY.fullmatch(repository):
        hint = "names are in lower case" if repository.lower() != repository else "write host:port/name:tag"
        raise BadReference(f"{text!r} names no image", hint=hint)
    if len(repository) > _LONGEST:
        raise BadReference(f"{text[:60]!r}... is longer than {_LONGEST} characters", hint="shorten it")
    return Reference(
        registry=registry,
        repository=repository,
        tag=tag if tag is not None else "" if digest else "latest",
        digest=digest,
    )


def is_digest(text: str) -> bool:
    return _DIGEST.fullmatch(text) is not None


def is_tag(text: str) -> bool:
    return _TAG.fullmatch(text) is not None


def is_loopback(host: str) -> bool:
    """Whether the engine speaks plain HTTP to it without being told: localhost, 127.0.0.0/8, ::1."""
    name = host.partition("]")[0].lstrip("[") if host.startswith("[") else host.partition(":")[0]
    return name in {"localhost", "::1"} or re.fullmatch(r"127(?:\.\d{1,3}){3}", name) is not None


def _without_tag(text: str) -> tuple[str, str | None]:
    before, colon, after = text.rpartition(":")
    return (before, after) if colon and "/" not in after else (text, None)


def _split(name: str, *, default_registry: str) -> tuple[str, str]:
    first, slash, rest = name.partition("/")
    if slash and (first == "localhost" or "." in first or ":" in first or first.lower() != first):
        host, path = first, rest
    elif default_registry:
        host, _, prefix = default_registry.partition("/")
        path = f"{prefix.strip('/')}/{name}" if prefix.strip("/") else name
    else:
        host, path = HUB, name
    if host in {HUB, "index.docker.io"}:
        return HUB, path if "/" in path else f"library/{path}"
    return host, path
