"""Checks and reads the W3C `baggage` header."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    import re
    from collections.abc import Callable, Mapping

    from tracing_bootstrap.propagation.remote import Get, Names

_NAME = r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+"
_OCTETS = r"[\x21\x23-\x2b\x2d-\x3a\x3c-\x5b\x5d-\x7e]*"
_PATTERN = rf"({_NAME})[ \t]*=[ \t]*({_OCTETS})((?:[ \t]*;[ \t]*{_NAME}(?:[ \t]*=[ \t]*{_OCTETS})?)*)"
_member: Callable[[str], re.Match[str] | None] | None = None
_MOST_MEMBERS = 64
_LONGEST = 8_192
_MOST_READ = 65_536


def clean(header: str | None) -> str:
    """Return the well-formed members in order, or the empty string.

    Members past the 64th, or past 8192 bytes in all, are left out, as the specification allows; a malformed
    member is left out alone.

    Follows W3C Baggage, sections 3.2 and 3.3.
    """
    if not header or len(header) > _MOST_READ:
        return ""
    match = _match()
    kept: list[str] = []
    size = 0
    for raw in header.split(","):
        member = raw.strip(" \t")
        if not member or match(member) is None:
            continue
        size += len(member) + 1
        if len(kept) == _MOST_MEMBERS or size - 1 > _LONGEST:
            break
        kept.append(member)
    return ",".join(kept)


def read(header: str) -> dict[str, str]:
    """Return the entries of a header that `clean` returned, values percent-decoded; properties are not read."""
    from urllib.parse import unquote

    matches = _match()
    entries: dict[str, str] = {}
    for member in header.split(","):
        match = matches(member)
        if match is not None:
            entries[match[1]] = unquote(match[2])
    return entries


def write(entries: Mapping[str, object]) -> str:
    """Write entries as a header, values percent-encoded; a key that is no token is left out."""
    from urllib.parse import quote

    return clean(",".join(f"{key}={quote(str(value), safe='')}" for key, value in entries.items()))


def with_prefix(prefix: str, get: Get, names: Names | None) -> dict[str, str]:
    """Return the entries of formats that put each into a header of its own, values percent-decoded."""
    from urllib.parse import unquote

    found = sorted(name for name in (names() if names is not None else ()) if name.startswith(prefix))
    return {name[len(prefix) :]: unquote(get(name) or "") for name in found[:_MOST_MEMBERS]}


def one_by_one(prefix: str, header: str) -> list[tuple[str, str]]:
    """Return a header for each entry, as those formats write them; properties are left out."""
    if not header:
        return []
    matches = _match()
    members = (matches(member) for member in header.split(","))
    return [(prefix + match[1].lower(), match[2]) for match in members if match is not None]


def _match() -> Callable[[str], re.Match[str] | None]:
    global _member
    if _member is None:
        # Compiled for the first header that comes: half a millisecond that no start-up pays.
        import re

        _member = re.compile(_PATTERN).fullmatch
    return _member
