"""How long do we wait before we ask a registry again, and when do we give up?"""

from __future__ import annotations

import random
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

# 429 and 503 are its own words for "later"; 408 and the other 5xx come from it or from what stands before it; 501
# says never.
AGAIN = frozenset({408, 429, 500, 502, 503, 504})
TRIES = 8
# A registry that is broken says 500; one that is restarted, or whose storage is away for a moment, seldom does.
TRIES_OF_A_BROKEN = 4
FIRST_SECONDS = 0.2
LONGEST_SECONDS = 10.0
# A name that cannot be resolved, or a port where nobody listens, of a registry that never answered: most likely a typo.
TRIES_OF_A_STRANGER = 2


def tries(status: int, *, retry_after: str) -> int:
    """How often to ask before giving up, after this status; whoever says when to come back is believed each time."""
    if status == 429 and retry_after:
        return 1_000_000
    return TRIES_OF_A_BROKEN if status == 500 else TRIES


def pause(failed: int, *, retry_after: str = "", now: datetime | None = None) -> float:
    """Seconds until the next try.

    Args:
        failed: How many tries have, at least 1.
        retry_after: The header of that name (RFC 9110, section 10.2.3): seconds or a date; it wins.
        now: For the date.
    """
    asked = _asked(retry_after, now=now or datetime.now(UTC)) if retry_after else None
    if asked is not None:
        # Not all at the moment that it named, but never before.
        return asked + random.uniform(0, min(1.0, 0.1 * asked))  # noqa: S311 - only spreads load
    most = min(LONGEST_SECONDS, FIRST_SECONDS * 2 ** (failed - 1))
    return random.uniform(most / 2, most)  # noqa: S311 - only spreads load


def _asked(text: str, *, now: datetime) -> float | None:
    if text.strip().isdecimal():
        return float(text)
    try:
        when = parsedate_to_datetime(text)
    except ValueError:
        return None
    return max(0.0, (when.replace(tzinfo=when.tzinfo or UTC) - now).total_seconds())
