"""Which environment has a service after its base was exchanged?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from buildkit.values.rebase import Conflict

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


@dataclass(frozen=True, slots=True)
class MergedEnv:
    """The entries (`NAME=value`) in their order, and where the service and the new base disagree."""

    entries: tuple[str, ...]
    conflicts: tuple[Conflict, ...]


def merge(service: Sequence[str], *, old: Sequence[str], new: Sequence[str]) -> MergedEnv:
    """Merge three environments, variable by variable.

    What the service never touched follows the new base, also when it is gone there. What the service set
    stays. Where it built upon the base's value (`ENV PATH=/app/bin:$PATH`), the base's part is exchanged and the
    service's part stays: the builder has put the old value in its place, and we look for that.

    Args:
        service: the service's entries.
        old: those of the base that it was built on.
        new: those of the base that it gets.
    """
    mine, before, after = _variables(service), _variables(old), _variables(new)
    merged: dict[str, str] = {}
    conflicts = []
    for name in [*after, *(name for name in mine if name not in after)]:
        value, conflict = _one(name, mine.get(name), old=before.get(name), new=after.get(name))
        if value is not None:
            merged[name] = value
        if conflict is not None:
            conflicts.append(conflict)
    return MergedEnv(tuple(f"{name}={value}" for name, value in merged.items()), tuple(conflicts))


def _one(
    name: str, mine: str | None, *, old: str | None, new: str | None
) -> tuple[str | None, Conflict | None]:
    if mine == old:
        return new, None
    if new in (old, mine):
        return mine, None
    if mine and old and new:
        exchanged = exchange(mine, old=old, new=new)
        if exchanged is not None:
            return exchanged, None
    return mine, Conflict(f"Env {name}", kept=mine, offered=new)


def exchange(mine: str, *, old: str, new: str) -> str | None:
    """The service's value with the base's part exchanged; None if it is not built upon the base's value.

    A part is whole members of a list with colons (`PATH`) or blanks (`GUNICORN_CMD_ARGS`). Where it is there twice,
    the last place is taken, as in `PATH=mine:$PATH`.
    """
    for separator in (":", " "):
        members, part = mine.split(separator), old.split(separator)
        for start in range(len(members) - len(part), -1, -1):
            if members[start : start + len(part)] == part:
                return separator.join(
                    [*members[:start], *new.split(separator), *members[start + len(part) :]]
                )
    return None


def _variables(entries: Iterable[str]) -> dict[str, str]:
    pairs = (entry.partition("=") for entry in entries)
    return {name: value for name, _, value in pairs}
