"""Reads and writes the W3C `traceparent` header."""

from __future__ import annotations

import re

# What nearly every header looks like, told in one match: version 00, no zero ids, known flags only.
match_usual = re.compile(r"00-(?!0{32}-)([0-9a-f]{32})-(?!0{16}-)([0-9a-f]{16})-0([0-3])", re.ASCII).fullmatch
_PATTERN = r"([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?"
_NO_TRACE = "0" * 32
_NO_SPAN = "0" * 16
_LONGEST = 512

SAMPLED = 0x01
RANDOM = 0x02
_KNOWN_FLAGS = SAMPLED | RANDOM
FLAGS = {"0": 0, "1": 1, "2": 2, "3": 3}


def parse(header: str | None) -> tuple[str, str, int] | None:
    """Return (trace id, parent id, flags), or None where the header is absent or invalid.

    Ids are lower-case hex. Only the flags that the specification defines are kept. A later version than 00 is
    read as if it were 00, and may carry more fields behind the flags. Two headers that a server joined with a
    comma do not match, and so are invalid as the specification asks.

    Follows W3C Trace Context level 2, sections 3.2 and 4.
    """
    if header is None:
        return None
    usual = match_usual(header)
    if usual is not None:
        trace_id, parent_id, flag = usual.groups()
        return trace_id, parent_id, FLAGS[flag]
    return _parse_unusual(header)


def _parse_unusual(header: str) -> tuple[str, str, int] | None:
    if len(header) > _LONGEST:
        return None
    # re keeps what it compiled. White space around the value is the carrier's, not the field's (RFC 9110, 5.5).
    match = re.fullmatch(_PATTERN, header.strip(" \t"))
    if match is None:
        return None
    version, trace_id, parent_id, flags, rest = match.groups()
    if trace_id == _NO_TRACE or parent_id == _NO_SPAN or version == "ff":
        return None
    if rest is not None and version == "00":
        return None
    return trace_id, parent_id, int(flags, 16) & _KNOWN_FLAGS


def format_header(trace_id: str, span_id: str, flags: int) -> str:
    """Write a version 00 header from hex ids."""
    return f"00-{trace_id}-{span_id}-{flags:02x}"
