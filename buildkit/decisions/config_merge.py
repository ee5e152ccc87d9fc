"""Which settings has a service's image after its base was exchanged?

Members and their meaning: https://github.com/opencontainers/image-spec/blob/main/config.md#properties, and
Docker's Healthcheck, OnBuild and Shell.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from buildkit.decisions import env_merge
from buildkit.values.rebase import Conflict

if TYPE_CHECKING:
    from collections.abc import Mapping

    Json = Any  # whatever JSON can say
    Settings = Mapping[str, Json]

# What a builder left of the container that it built in; Image is the parent's id, which will be wrong.
_LEFTOVERS = frozenset({"Hostname", "Domainname", "Image", "Container", "MacAddress"})
# Sets, written as objects whose members are empty.
_SETS = ("ExposedPorts", "Volumes")
# A service's own triggers are for its children. Those of its base ran, and went, when it was built.
_SERVICE_ONLY = frozenset({"OnBuild"})
_ABSENT: tuple[object, ...] = (None, "", (), [], {})


@dataclass(frozen=True, slots=True)
class Merged:
    """The settings (an image config's member "config"), and where the service and the new base disagree."""

    settings: dict[str, Any]
    conflicts: tuple[Conflict, ...]


def merge(service: Settings, *, old: Settings, new: Settings, facts: str) -> Merged:
    """Merge three images' settings; the service's word wins.

    What the service never touched follows the new base. Entrypoint and command belong together: a service
    with an entrypoint of its own keeps its command as well, since Docker forgets the base's command then
    (https://github.com/moby/moby/issues/5147).

    Args:
        service: the service's settings.
        old: those of the base that it was built on.
        new: those of the base that it gets.
        facts: the beginning of labels that say which base is below (`com.company.base.`): these are the new
            base's, whatever the service says.
    """
    conflicts: list[Conflict] = []
    taken: dict[str, Any] = {}
    for name in _names(service, new):
        mine, before, after = (_value(settings, name) for settings in (service, old, new))
        if name == "Env":
            env = env_merge.merge(mine or (), old=before or (), new=after or ())
            conflicts += env.conflicts
            taken[name] = list(env.entries)
        elif name == "Labels":
            taken[name] = _labels(mine or {}, before or {}, after or {}, facts=facts, conflicts=conflicts)
        elif name in _SETS:
            taken[name] = _set(mine or {}, before or {}, after or {})
        elif name in _SERVICE_ONLY or (name == "Cmd" and _own_entrypoint(service, old)):
            taken[name] = mine
        else:
            taken[name] = _three_way(name, mine, before, after, conflicts=conflicts)
    settings = {}
    for name, value in taken.items():
        if value not in _ABSENT:
            settings[name] = value
        elif name in service and service[name] in _ABSENT:
            settings[name] = service[name]  # as empty as the service has written it
    return Merged(settings, tuple(conflicts))


def _names(service: Settings, new: Settings) -> list[str]:
    """Members in the order that the service has them, then what only the new base has."""
    return [name for name in {**service, **new} if name not in _LEFTOVERS]


def _value(settings: Settings, name: str) -> Json:
    """A member's value; all ways to say nothing are None."""
    value = settings.get(name)
    return None if value in _ABSENT else value


def _own_entrypoint(service: Settings, old: Settings) -> bool:
    return bool(_value(service, "Entrypoint") != _value(old, "Entrypoint"))


def _three_way(name: str, mine: Json, old: Json, new: Json, *, conflicts: list[Conflict]) -> Json:
    if mine == old:
        return new
    if new not in (old, mine):
        conflicts.append(Conflict(name, kept=_said(mine), offered=_said(new)))
    return mine


def _labels(
    mine: Mapping[str, str],
    old: Mapping[str, str],
    new: Mapping[str, str],
    *,
    facts: str,
    conflicts: list[Conflict],
) -> dict[str, str]:
    merged = {}
    for name in {**mine, **new}:
        if name.startswith(facts):
            value = new.get(name)
        else:
            value = _three_way(
                f"Label {name}", mine.get(name), old.get(name), new.get(name), conflicts=conflicts
            )
        if value is not None:
            merged[name] = value
    return merged


def _set(mine: Mapping[str, Any], old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, Any]:
    """Three ways for each member, which is there or not: nobody can disagree."""
    return {
        name: mine.get(name, new.get(name))
        for name in {**mine, **new}
        if name in (new if (name in mine) == (name in old) else mine)
    }


def _said(value: Json) -> str | None:
    if value is None or isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False)
