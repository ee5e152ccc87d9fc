"""On which ports do we take the calls of a service whose dependencies are not there?"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

# What speaks HTTP stands below 1024 on these, and above it anywhere in the range that people choose from.
LOW = (80, 81, 88, 443, 591, 832, 981)
HIGH = range(1024, 10_000)
FAR = (10_000, 10_080, 10_443, 11_434, 12_345, 15_672, 16_686, 18_080, 18_443, 20_000, 28_080, 30_000, 50_051)
# Databases, caches, brokers and mail: nothing that we could say would pass for them. Their clients are
# refused at once, and the service fails, or waits, as it would without us.
_DATABASES = (1433, 1521, 3306, 5432, 5433, 6432, 7000, 7001, 7199, 7687, 9042, 9160)
_CACHES = (2181, 2379, 2380, 6379, 6380, 9300)
_BROKERS = (1883, 4222, 5222, 5671, 5672, 8883, 9092, 9093, 9094)
REFUSED = frozenset((*_DATABASES, *_CACHES, *_BROKERS))
_NAMED = re.compile(r"(?<![\d.:]):(\d{2,5})(?![\d.])")
_BARE = re.compile(r"\d{2,5}")


def usual() -> tuple[int, ...]:
    """The ports that are open before anything is known of the service; the likeliest first."""
    wanted = dict.fromkeys((*LOW, 8080, 8000, 5000, *FAR, *HIGH))
    return tuple(port for port in wanted if port not in REFUSED)


def named(environment: Mapping[str, str]) -> tuple[int, ...]:
    """The further ports that a service's variables speak of: `http://stock:23456`, or `STOCK_PORT=23456`."""
    found: set[int] = set()
    for name, value in environment.items():
        found.update(int(number) for number in _NAMED.findall(value))
        if name.upper().endswith("PORT") and _BARE.fullmatch(value):
            found.add(int(value))
    return further(found)


def further(ports: Iterable[int]) -> tuple[int, ...]:
    """Those that have to be opened in addition."""
    known = set(usual())
    return tuple(sorted(port for port in set(ports) if 0 < port < 65536 and port not in known | REFUSED))
