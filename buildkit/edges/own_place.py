"""Which process is this, so that another one can tell whether it still lives?"""

from __future__ import annotations

import os
from pathlib import Path

PROC = Path("/proc")


def place() -> str:
    """This boot of this machine, and the namespace that process numbers are counted in; empty if unknown."""
    try:
        boot = (PROC / "sys/kernel/random/boot_id").read_text().strip()
        return f"{boot}/{(PROC / 'self/ns/pid').stat().st_ino}"
    except OSError:
        return ""


def process(number: int) -> str:
    """A process's number and start time: numbers are used again, both together are not. Empty if there is none."""
    try:
        fields = (PROC / str(number) / "stat").read_text().rpartition(")")[2].split()
    except OSError:
        return ""
    return "" if fields[0] in {"Z", "X"} else f"{number}/{fields[19]}"


def own() -> str:
    return process(os.getpid())


def lives(named: str) -> bool:
    """Whether a process of this place, as `process` named it, still runs."""
    number = named.partition("/")[0]
    return number.isdecimal() and process(int(number)) == named
