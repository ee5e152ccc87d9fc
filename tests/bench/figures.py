"""What do the measured rounds say: how much is added, how sure is that, and is the target met?"""

import random
from dataclasses import dataclass, replace
from statistics import median, quantiles

RESAMPLES = 1000


@dataclass(frozen=True, slots=True)
class Added:
    """By how much one side's rounds are above bare's, in the row's unit: median and quartiles of the differences.

    `low` and `high` are None where there is but one figure.
    """

    median: float
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table.

    Attributes:
        name: What was measured.
        unit: Of all figures: us, ms or MB.
        bare: The side without tracing, its median.
        ours: What ours adds.
        peer: What opentelemetry-instrument adds.
        control: What bare adds to bare: the row's noise.
        share: Ours divided by peer's; or, of unsampled requests, by what ours adds to sampled ones.
        share_bound: With 95% certainty the share is below this; None where there are too few rounds to tell.
        target: The most that ours may add, in the unit or as a share; None for a row without one.
        target_is_share: Which of the two.
        of_sampled: Whether the share is that of sampled requests.
    """

    name: str
    unit: str
    bare: float
    ours: Added
    peer: Added
    control: Added
    share: float
    share_bound: float | None = None
    target: float | None = None
    target_is_share: bool = False
    of_sampled: bool = False

    @property
    def met(self):
        """Whether the target is met, as far as medians tell; None without one."""
        if self.target is None:
            return None
        return (self.share if self.target_is_share else self.ours.median) <= self.target


def rounds_row(name, rounds, *, unit, scale=1.0, target=None, target_is_share=False):
    """Compare the sides round by round: what slowed a round down slowed down all sides of it."""
    rounds = {side: [value / scale for value in values] for side, values in rounds.items()}
    above = {side: differences(values, rounds["bare"]) for side, values in rounds.items()}
    return Row(
        name=name,
        unit=unit,
        bare=median(rounds["bare"]),
        ours=added(above["ours"]),
        peer=added(above["peer"]),
        control=added(above["control"]),
        share=median(above["ours"]) / median(above["peer"]),
        share_bound=bound(above["ours"], above["peer"]),
        target=target,
        target_is_share=target_is_share,
    )


def unsampled_row(name, rounds, *, sampled, unit, target):
    """Compare the sides' unsampled requests, and ours with what ours adds to the sampled ones of the same rounds."""
    row = rounds_row(name, rounds, unit=unit, target=target, target_is_share=True)
    ours = differences(rounds["ours"], rounds["bare"])
    whole = differences(sampled["ours"], sampled["bare"])
    return replace(row, share=median(ours) / median(whole), share_bound=bound(ours, whole), of_sampled=True)


def single_row(name, values, *, unit, scale=1.0, target=None):
    """Compare one figure of each side."""
    bare = values["bare"] / scale
    above = {side: Added(value / scale - bare) for side, value in values.items()}
    return Row(
        name=name,
        unit=unit,
        bare=bare,
        ours=above["ours"],
        peer=above["peer"],
        control=above["control"],
        share=above["ours"].median / above["peer"].median,
        target=target,
    )


def differences(values, bare):
    return [value - other for value, other in zip(values, bare, strict=True)]


def added(differences):
    low, _, high = quantiles(differences, n=4, method="inclusive")
    return Added(median(differences), low, high)


def bound(ours, peer):
    """The 95th percentile of ours/peer over resampled rounds (the percentile bootstrap), always the same."""
    chance = random.Random(1)
    rounds = range(len(ours))
    shares = []
    for _ in range(RESAMPLES):
        drawn = chance.choices(rounds, k=len(rounds))
        below = median(peer[number] for number in drawn)
        shares.append(median(ours[number] for number in drawn) / below)
    return sorted(shares)[int(RESAMPLES * 0.95)]
