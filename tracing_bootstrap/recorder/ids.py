"""Makes trace and span ids: random, never zero, different in every process."""

from __future__ import annotations

import os
from _random import Random

# The C generator behind the random module: no import of hashlib and friends, and none of the service's own
# seeding reaches it.
_generator = Random(int.from_bytes(os.urandom(32), "big"))
bits = _generator.getrandbits


def reseed() -> None:
    """Start a new sequence; a fork's child calls this, or it would repeat its siblings' ids."""
    _generator.seed(int.from_bytes(os.urandom(32), "big"))


def trace_id() -> str:
    """Return 32 lower-case hex digits, all of them random (the W3C random flag may be set)."""
    return f"{bits(128) or 1:032x}"


def span_id() -> str:
    """Return 16 lower-case hex digits."""
    return f"{bits(64) or 1:016x}"
