"""Which of the known bases is below an image, and which is the newest for it?"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from buildkit.decisions import base_version, platforms
from buildkit.values.stand import Match

if TYPE_CHECKING:
    from collections.abc import Iterable

    from buildkit.values.base_version import BaseVersion
    from buildkit.values.known_base import KnownBase
    from buildkit.values.oci import ImageConfig


class Catalogue:
    """All releases of the base that a registry has.

    Looking an image up takes one dictionary access for each number of layers that bases have, however many
    bases there are.

    Args:
        bases: the releases, in any order.
        company: as in the label `com.<company>.base.version`.
        problems: releases that could not be read, one line each.
    """

    def __init__(self, bases: Iterable[KnownBase], *, company: str, problems: Iterable[str] = ()) -> None:
        self.company = company
        self.problems = tuple(problems)
        self.bases = tuple(sorted(bases, key=lambda base: base.version, reverse=True))
        self._by_python: dict[str, list[KnownBase]] = defaultdict(list)
        for base in self.bases:
            self._by_python[base.python].append(base)
        self._place = {
            base.version: place for line in self._by_python.values() for place, base in enumerate(line)
        }
        self._by_layers: dict[tuple[str, ...], list[Match]] = defaultdict(list)
        for base in self.bases:
            for image in base.platforms.values():
                if image.config.diff_ids:
                    self._by_layers[image.config.diff_ids].append(Match(base, image))
        self._depths = sorted({len(layers) for layers in self._by_layers}, reverse=True)
        self._lowest = {layers[0] for layers in self._by_layers}

    def find(self, config: ImageConfig) -> Match | None:
        """The base whose layers an image begins with, the one with most layers first; None if there is none.

        Two releases may have the same layers and other settings. Then the labels that the image inherited
        decide, then its history, then its platform, then which is newer: none of them can name a base whose layers
        are not there.
        """
        layers = config.diff_ids
        for depth in self._depths:
            if candidates := self._by_layers.get(layers[:depth]):
                return max(candidates, key=lambda match: self._likeness(match, config))
        return None

    def _likeness(self, match: Match, config: ImageConfig) -> tuple[bool, bool, bool, BaseVersion]:
        history = match.image.config.document.get("history") or []
        return (
            base_version.of_labels(config.labels, company=self.company) == match.base.version,
            bool(history) and (config.document.get("history") or [])[: len(history)] == history,
            platforms.normal(match.image.platform) == platforms.normal(config.platform),
            match.base.version,
        )

    def named(self, version: BaseVersion) -> KnownBase | None:
        return next((base for base in self.bases if base.version == version), None)

    def newest(self, python: str) -> KnownBase | None:
        """The newest release for a Python: another Python is another contract."""
        return next(iter(self._by_python.get(python, ())), None)

    def between(self, older: KnownBase, newer: KnownBase) -> int:
        """How many releases later the newer one came, both being for one Python; 0 if it is not newer."""
        return max(0, self._place.get(older.version, 0) - self._place.get(newer.version, 0))

    def shares_lowest(self, config: ImageConfig) -> bool:
        """Whether an image at least begins with the layer that some base begins with."""
        return config.diff_ids[:1] != () and config.diff_ids[0] in self._lowest
