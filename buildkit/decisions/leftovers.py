"""Is a container or network that bears our label somebody's work, or was it left by a run that was killed?"""

from __future__ import annotations

from dataclasses import dataclass

# A run takes seconds. What is older than this belongs to nobody, on whichever machine it was started.
OLD_SECONDS = 3600


@dataclass(frozen=True, slots=True)
class Owner:
    """The process that made something: its machine (and boot), its number, and when it began.

    `time` is when this was written down, in whole seconds since the epoch.
    """

    machine: str
    pid: int
    began: str
    time: int

    def __str__(self) -> str:
        return f"{self.machine}/{self.pid}/{self.began}/{self.time}"


def owner(text: str) -> Owner | None:
    """Read what `str(Owner)` wrote; None if it is something else."""
    parts = text.rsplit("/", 3)
    if len(parts) != 4 or not (parts[1].isdecimal() and parts[3].isdecimal()):
        return None
    return Owner(parts[0], int(parts[1]), parts[2], int(parts[3]))


def is_leftover(maker: Owner | None, *, me: Owner, alive: bool) -> bool:
    """Whether something may be removed.

    Args:
        maker: who made it, None if that cannot be read.
        me: this process, now.
        alive: whether the maker's process still runs; counts only if that is on this machine.
    """
    if maker is None or me.time - maker.time > OLD_SECONDS:
        return True
    return maker.machine == me.machine and not alive
