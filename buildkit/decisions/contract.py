"""What does a base promise, and what of it would a new one break?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from buildkit.decisions import naming
from buildkit.values.contract import Contract
from buildkit.values.reason import Reason

if TYPE_CHECKING:
    from collections.abc import Mapping

# What the Dockerfile makes and sets. A unit test reads the Dockerfile, an image test looks into the image.
PATHS = ("/app", "/home/app", "/opt/tracing", "/opt/venv")
ENV = ("HOME", "PATH", "PORT", "PYTHONUNBUFFERED", "VIRTUAL_ENV")
NEEDED = ("python", "soabi", "libc", "uid")


def labels(facts: Mapping[str, str], *, uid: int) -> dict[str, str]:
    """The contract as labels, by their last part.

    Args:
        facts: what images/install/facts.py says of the upstream.
        uid: the user that services run as.
    """
    return {**facts, "uid": str(uid), "paths": " ".join(PATHS), "env": " ".join(ENV)}


def of(labels: Mapping[str, str], *, company: str) -> Contract | None:
    """The contract in an image's labels, a base's or a service's; None if they are not those of a base."""

    def label(name: str) -> str:
        return labels.get(naming.base_label(company, name), "")

    if not all(label(name) for name in NEEDED):
        return None
    return Contract(
        python=label("python"),
        soabi=label("soabi"),
        libc=label("libc"),
        uid=label("uid"),
        interpreter=label("interpreter"),
        paths=tuple(sorted(label("paths").split())),
        env=tuple(sorted(label("env").split())),
    )


def differences(old: Contract, new: Contract) -> tuple[Reason, ...]:
    """Name everything that a service built on `old` would miss on `new`; empty means it fits.

    What is added breaks nobody, and what the older one did not record is not compared.
    """
    found = []
    if old.python != new.python:
        found.append(
            Reason(
                f"Python {old.python} -> {new.python}", "the service's packages must be installed for it anew"
            )
        )
    found += [
        Reason(f"{what} {before} -> {after}", hint)
        for what, before, after, hint in (
            ("ABI", old.soabi, new.soabi, "compiled packages must be built anew"),
            ("C library", old.libc, new.libc, "Debian's and compiled packages must be installed anew"),
            ("user", old.uid, new.uid, "files that the service owns must change hands"),
            ("interpreter", old.interpreter, new.interpreter, "a service's own venv links to the old one"),
        )
        if _changed(before, after)
    ]
    found += [
        Reason(f"path {path} is gone", "services may have files there, or name it")
        for path in _gone(old.paths, new.paths)
    ]
    found += [Reason(f"variable {name} is gone", "services may read it") for name in _gone(old.env, new.env)]
    return tuple(found)


def _changed(old: str, new: str) -> bool:
    return bool(old) and bool(new) and old != new


def _gone(old: tuple[str, ...], new: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(name for name in old if name not in new) if new else ()
