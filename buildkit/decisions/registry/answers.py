"""What does a registry's refusal mean, and where does its list go on?"""

from __future__ import annotations

import json
import re
from urllib.parse import urljoin

from buildkit.values.errors import CredentialsRefused, NotInRegistry, RegistryError, RegistryUnavailable

_NEXT = re.compile(r'<([^>]*)>\s*;[^,]*\brel\s*=\s*"?next\b', re.IGNORECASE)
_LONGEST = 160


def next_page(link: str, *, url: str) -> str:
    """Where the next page of a list is (RFC 8288), empty if this was the last.

    Args:
        link: The header `Link`.
        url: Of the page that had it, for a relative one.
    """
    found = _NEXT.search(link)
    return urljoin(url, found.group(1)) if found else ""


def words(body: bytes) -> str:
    """What the registry says in a refusal's body, in one line: `{"errors": [{"code", "message", "detail"}]}`."""
    try:
        document = json.loads(body)
        errors = document["errors"]
        text = "; ".join(str(error.get("message") or error.get("code") or "") for error in errors)
    except (ValueError, KeyError, TypeError, AttributeError):
        text = body[: 4 * _LONGEST].decode(errors="replace")
    return " ".join(re.sub(r"<[^>]*>", " ", text).split())[:_LONGEST]


def codes(body: bytes) -> frozenset[str]:
    """The error codes in a refusal's body."""
    try:
        return frozenset(str(error["code"]) for error in json.loads(body)["errors"])
    except (ValueError, KeyError, TypeError):
        return frozenset()


def is_full(status: int, body: bytes) -> bool:
    """Whether the registry's storage has no room; distribution says so by the system's number only (ENOSPC)."""
    signs = (b"no space left on device", b'"Err":28')
    return status in {413, 507} or (status == 500 and any(sign in body for sign in signs))


def refusal(status: int, body: bytes, *, what: str, host: str, who: str) -> RegistryError:
    """The error for an answer that is not the one asked for.

    Args:
        status: HTTP's.
        body: What came with it.
        what: What was asked, as the error's first words: `reading company/shop:latest`.
        host: Of whom.
        who: As whom we came, for the sentence about credentials.
    """
    said = words(body)
    quoted = f" ({said})" if said else ""
    if status in {401, 403}:
        return CredentialsRefused(
            f"{what}: {host} does not allow it to {who}{quoted}", hint=f"`docker login {host}`"
        )
    if status == 404:
        return NotInRegistry(f"{what}: {host} does not have it{quoted}", hint="is the name right?")
    if status == 400 and b"HTTP request to an HTTPS server" in body:
        return RegistryUnavailable(
            f"{what}: {host} speaks TLS only", hint="connect to it as a secure registry"
        )
    if is_full(status, body):
        return RegistryError(f"{what}: {host} has no room for it{quoted}", hint="make room in the registry")
    if status == 429 or status >= 500:
        return RegistryUnavailable(
            f"{what}: {host} keeps answering {status}{quoted}", hint="try again later, or look at its log"
        )
    return RegistryError(f"{what}: {host} answers {status}{quoted}")
