"""How is a journal's line written, and which lines does a journal's text hold?"""

from __future__ import annotations

import json
from types import MappingProxyType
from typing import TYPE_CHECKING

from buildkit.values.errors import BadJournal
from buildkit.values.rollout import Event, Record

if TYPE_CHECKING:
    from collections.abc import Mapping

HINT = "it was changed by hand or by a failing disk; look at the tags, then start anew with --fresh"


def written(record: Record) -> bytes:
    """One line of JSON (https://jsonlines.org)."""
    head: dict[str, object] = {"number": record.number, "at": record.at, "event": str(record.event)}
    if record.service:
        head["service"] = record.service
    return json.dumps({**head, **record.fields}, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def read(raw: bytes) -> tuple[tuple[Record, ...], int]:
    """All whole lines, and how many bytes they have.

    What follows the last line's end was being written when its writer died: it says that something was about to
    be done, or was done and not noted. Either is looked at again when the rollout goes on, so it is left out.

    Raises:
        BadJournal: a line within is no record, or one is missing.
    """
    whole = raw[: raw.rfind(b"\n") + 1]
    records = []
    for number, line in enumerate(whole.splitlines(), start=1):
        record = _record(line, number=number)
        records.append(record)
    return tuple(records), len(whole)


def _record(line: bytes, *, number: int) -> Record:
    try:
        document: Mapping[str, object] = json.loads(line)
        found = int(str(document["number"]))
        event = Event(str(document["event"]))
    except (ValueError, KeyError, TypeError):
        raise BadJournal(f"line {number} of the journal is no record", hint=HINT) from None
    if found != number:
        raise BadJournal(f"line {number} of the journal has the number {found}", hint=HINT)
    rest = {key: value for key, value in document.items() if key not in {"number", "at", "event", "service"}}
    return Record(
        number=number,
        at=str(document.get("at", "")),
        event=event,
        service=str(document.get("service", "")),
        fields=MappingProxyType(rest),
    )
