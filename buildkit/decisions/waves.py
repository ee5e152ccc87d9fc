"""In which wave is each service?"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from buildkit.values.fleet import ServiceEntry, Waves


def assign(entries: Sequence[ServiceEntry], *, sizes: Waves) -> dict[str, int]:
    """The wave of each service that moves, from 1.

    A size says how much of the fleet is done when the wave is: waves grow, each by one service at least, and a
    last one takes the rest. A service that names its wave is in it. The others come in the order of their tiers,
    the least critical first, and within a tier in the fleet's own order: the same fleet has always the same waves.
    """
    numbers = {entry.name: entry.wave for entry in entries if entry.wave is not None}
    rest = [entry.name for entry in sorted(entries, key=lambda entry: -entry.tier) if entry.wave is None]
    total, done = len(entries), 0
    for number, size in enumerate(sizes.sizes, start=1):
        fixed = sum(wave == number for wave in numbers.values())
        target = max(size.at_least(total), done + 1)
        count = max(0, target - done - fixed)
        for name in rest[:count]:
            numbers[name] = number
        rest = rest[count:]
        done += fixed + count
    last = max([len(sizes.sizes) + 1, *numbers.values()]) if rest else 0
    return numbers | dict.fromkeys(rest, last)
