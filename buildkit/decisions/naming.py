"""How are the base image and its labels named, and are the settings fit for names?"""

import re
from collections.abc import Mapping
from urllib.parse import urlsplit

from buildkit.values.errors import BadSetting
from buildkit.values.settings import Settings

# https://github.com/distribution/reference/blob/main/reference.go, without the parts that we do not need
_COMPANY = re.compile(r"[a-z0-9]+(?:[._-][a-z0-9]+)*")
_REGISTRY = re.compile(r"[A-Za-z0-9.-]+(?::\d+)?(?:/[a-z0-9._-]+)*")
_TAG = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}")
IMAGE = "python-service"
PLACEHOLDER = f"company/{IMAGE}"


def check(settings: Settings) -> Settings:
    """The same settings, if they can be used.

    Raises:
        BadSetting: One cannot; the message names the variable.
    """
    if not _COMPANY.fullmatch(settings.company):
        raise BadSetting(
            f'COMPANY="{settings.company}" cannot be part of an image name', hint="use a-z, 0-9, -"
        )
    if settings.registry and not _REGISTRY.fullmatch(settings.registry):
        raise BadSetting(
            f'REGISTRY="{settings.registry}" is no registry', hint="write host:port/path, no scheme"
        )
    if settings.tag and not _TAG.fullmatch(settings.tag):
        raise BadSetting(f'TAG="{settings.tag}" cannot be a tag', hint="use letters, digits, - . and _")
    if settings.trust_ca and settings.ca_bundle is None:
        raise BadSetting("TRUST_CA=1 without certificates", hint="give CA_BUNDLE=, a file in PEM format")
    if not _is_url(settings.collector):
        raise BadSetting(f'COLLECTOR="{settings.collector}" is no URL', hint="write http://host:4318")
    return settings


def _is_url(text: str) -> bool:
    try:
        url = urlsplit(text)
    except ValueError:
        return False
    return url.scheme in {"http", "https"} and bool(url.hostname) and not re.search(r"\s", text)


def repository(settings: Settings) -> str:
    """The base image's name without a tag."""
    prefix = f"{settings.registry.rstrip('/')}/" if settings.registry else ""
    return f"{prefix}{settings.company}/{IMAGE}"


def tags(settings: Settings, *, version: str) -> tuple[str, ...]:
    """Every name that the build gives to the image; the one that services follow comes last."""
    name = repository(settings)
    return (f"{name}:{settings.tag}",) if settings.tag else (f"{name}:{version}", f"{name}:latest")


def labels(
    settings: Settings, *, version: str, contract: Mapping[str, str], revision: int = 0, created: str = ""
) -> dict[str, str]:
    """Facts that stay true of every child: which base it stands on, and that base's contract.

    Args:
        settings: the company, and whether its certificates are in the image.
        version: X.Y.Z.
        contract: by the last part of its labels.
        revision: of the release; 0 for a build that is none.
        created: when it was released (RFC 3339); empty for a build that is none.
    """
    facts = {"version": version, "revision": str(revision), **contract}
    if created:
        facts["created"] = created
    if settings.trust_ca:
        facts["trusts-ca"] = "true"
    return {base_label(settings.company, key): value for key, value in sorted(facts.items())}


def base_label(company: str, name: str) -> str:
    """A label of the base by its last part: it stays true of every child."""
    return f"com.{company}.base.{name}"


def annotations(settings: Settings, *, version: str, upstream: str, created: str = "") -> dict[str, str]:
    """OCI's generic facts, which are about this image only: as labels its children would inherit them.

    https://github.com/opencontainers/image-spec/blob/main/annotations.md
    """
    facts = {
        "org.opencontainers.image.title": repository(settings),
        "org.opencontainers.image.version": version,
        "org.opencontainers.image.base.name": upstream,
        "org.opencontainers.image.description": "Base image for Python services; traced with no code",
    }
    return {**facts, "org.opencontainers.image.created": created} if created else facts


def host(image: str) -> str:
    """A host name after an image's: the last part of its path, without tag and digest (RFC 1123)."""
    last = image.partition("@")[0].rpartition("/")[2].partition(":")[0]
    return re.sub(r"[^a-z0-9]+", "-", last.lower())[:63].strip("-") or "service"
