"""Who has the right to roll out, as the registry tells?"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Lease:
    """A right that ends if it is not renewed.

    Attributes:
        owner: who has it, for people; empty for a lease that was given back.
        name: the rollout's name: unique.
        place: which machine (boot and process namespace) its owner runs on.
        process: its owner there: process number and start time.
        seconds: after how many without a renewal it ends.
        renewal: how often it was renewed.
    """

    owner: str = ""
    name: str = ""
    place: str = ""
    process: str = ""
    seconds: int = 0
    renewal: int = 0

    @property
    def free(self) -> bool:
        return not self.owner
