"""What may a service rely on, as long as its base stays within one major version?"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Contract:
    """What services are built against. An empty field is unknown: older bases recorded less.

    Attributes:
        python: X.Y.
        soabi: the ABI that compiled packages are built for, with the machine (`cpython-313-x86_64-linux-gnu`).
        libc: the C library (`glibc-2.41`); it stands for the Debian release as well.
        uid: the user that services run as, as a number.
        interpreter: the file that a service's own venv links to (`/usr/bin/python3.13`).
        paths: directories that are there, sorted.
        env: names of the variables that are set, sorted.
    """

    python: str
    soabi: str
    libc: str
    uid: str
    interpreter: str = ""
    paths: tuple[str, ...] = ()
    env: tuple[str, ...] = ()
