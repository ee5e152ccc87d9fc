"""Who are we, so that a later run can tell whether we are still there?"""

from __future__ import annotations

import os
import socket
import time
from pathlib import Path

from buildkit.decisions.leftovers import Owner


def myself() -> Owner:
    return Owner(_machine(), os.getpid(), _began(os.getpid()), int(time.time()))


def is_alive(owner: Owner) -> bool:
    """Whether that very process runs on this machine; a number used again does not count."""
    try:
        os.kill(owner.pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return _began(owner.pid) == owner.began


def _machine() -> str:
    """Host name and boot: two containers with one engine, or two boots, must not be taken for each other."""
    boot = _read("/proc/sys/kernel/random/boot_id")
    return f"{socket.gethostname()}:{boot[:8]}"


def _began(pid: int) -> str:
    """The start in clock ticks since boot: field 22 of proc(5)'s stat; a name before it may hold spaces."""
    fields = _read(f"/proc/{pid}/stat").rpartition(")")[2].split()
    return fields[19] if len(fields) > 19 else "0"


def _read(path: str) -> str:
    """Empty where there is no /proc, as on macOS."""
    try:
        return Path(path).read_text().strip()
    except OSError:
        return ""
