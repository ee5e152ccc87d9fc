"""Which history has a service's image after its base was exchanged?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    Entry = Mapping[str, Any]


def merge(
    service: Sequence[Entry],
    *,
    old: Sequence[Entry],
    new: Sequence[Entry],
    layers: tuple[int, int, int],
    created: str,
) -> list[dict[str, Any]]:
    """The new base's history, then what the service did.

    Entries that are not marked `empty_layer` are as many as there are layers, in the same order
    (https://github.com/opencontainers/image-spec/blob/main/config.md#properties); `docker history` fails on an
    image where they are not. Where an image came without a history that fits, one is made that does.

    Args:
        service: the service's entries.
        old: those of the base that it was built on.
        new: those of the base that it gets.
        layers: how many layers the service, the old and the new base have.
        created: time for entries that are made up, as RFC 3339.
    """
    all_layers, old_layers, new_layers = layers
    base: Sequence[Entry] = (
        new if _layers(new) == new_layers else _made_up("the base", new_layers, created=created)
    )
    mine: Sequence[Entry] = _made_up("the service", all_layers - old_layers, created=created)
    if _layers(service) == all_layers:
        mine = own(service, old=old, layers=(all_layers, old_layers))
    return [dict(entry) for entry in (*base, *mine)]


def own(service: Sequence[Entry], *, old: Sequence[Entry], layers: tuple[int, int]) -> Sequence[Entry]:
    """The service's entries without those of its base; none if its history is not in step with its layers.

    Args:
        service: the service's entries.
        old: those of the base that it was built on.
        layers: how many layers the service and that base have.
    """
    all_layers, old_layers = layers
    return service[_border(service, old, layers=old_layers) :] if _layers(service) == all_layers else ()


def _layers(history: Sequence[Entry]) -> int:
    return sum(not entry.get("empty_layer") for entry in history)


def _border(service: Sequence[Entry], old: Sequence[Entry], *, layers: int) -> int:
    """Where the service's own entries begin.

    After the entries of as many layers as the old base has; the base's settings at its end (ENV, CMD ...) leave
    no layer, so they are told from the service's by what they say.
    """
    seen = position = 0
    while seen < layers:
        seen += not service[position].get("empty_layer")
        position += 1
    tail = list(old[_after(old, layers=layers) :])
    for entry in tail:
        if not entry.get("empty_layer") or position == len(service) or not _same(service[position], entry):
            break
        position += 1
    return position


def _after(history: Sequence[Entry], *, layers: int) -> int:
    """Behind the entry of the n-th layer; the end of a history that has fewer."""
    seen = 0
    for position, entry in enumerate(history):
        if seen == layers:
            return position
        seen += not entry.get("empty_layer")
    return len(history)


def _same(one: Entry, other: Entry) -> bool:
    """Whether two entries tell the same step; builders rewrite times."""
    return (
        bool(one.get("empty_layer")) == bool(other.get("empty_layer"))
        and one.get("created_by") == other.get("created_by")
        and one.get("comment") == other.get("comment")
    )


def _made_up(what: str, count: int, *, created: str) -> list[dict[str, Any]]:
    return [{"created": created, "comment": f"a layer of {what} without history"} for _ in range(count)]
