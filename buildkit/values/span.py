"""What is a span, once it has left the service?"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum
from types import MappingProxyType
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Mapping

AttributeValue: TypeAlias = (
    "str | bool | int | float | bytes | tuple[AttributeValue, ...] | Mapping[str, AttributeValue] | None"
)
Attributes: TypeAlias = "Mapping[str, AttributeValue]"


def _none() -> Attributes:
    return MappingProxyType({})


class Kind(IntEnum):
    """The span kinds of OTLP's `Span.SpanKind`, by their numbers."""

    UNSPECIFIED = 0
    INTERNAL = 1
    SERVER = 2
    CLIENT = 3
    PRODUCER = 4
    CONSUMER = 5


class Status(IntEnum):
    """The codes of OTLP's `Status.StatusCode`."""

    UNSET = 0
    OK = 1
    ERROR = 2


@dataclass(frozen=True, slots=True)
class Scope:
    """Who made a span: OTLP's InstrumentationScope."""

    name: str = ""
    version: str = ""
    attributes: Attributes = field(default_factory=_none, hash=False)


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened within a span; `time` is in nanoseconds since the epoch."""

    name: str
    time: int = 0
    attributes: Attributes = field(default_factory=_none, hash=False)


@dataclass(frozen=True, slots=True)
class Link:
    """Another span that a span names without being its child."""

    trace_id: str
    span_id: str
    attributes: Attributes = field(default_factory=_none, hash=False)


@dataclass(frozen=True, slots=True)
class Span:
    """One span of OTLP's trace message: ids in lower-case hex, times in nanoseconds since the epoch.

    `source` says who sent it, where the sender had an address of its own at the collector. It tells two
    services apart also when both believe that they have the same name.
    """

    trace_id: str
    span_id: str
    parent_id: str
    name: str
    kind: Kind = Kind.UNSPECIFIED
    start: int = 0
    end: int = 0
    attributes: Attributes = field(default_factory=_none, hash=False)
    status: Status = Status.UNSET
    status_message: str = ""
    events: tuple[Event, ...] = ()
    links: tuple[Link, ...] = ()
    trace_state: str = ""
    flags: int = 0
    dropped_attributes: int = 0
    dropped_events: int = 0
    dropped_links: int = 0
    scope: Scope = Scope()
    resource: Attributes = field(default_factory=_none, hash=False)
    source: str = ""

    @property
    def service(self) -> str:
        """The name that the service gave itself, or `?`."""
        name = self.resource.get("service.name")
        return name if isinstance(name, str) and name else "?"

    @property
    def milliseconds(self) -> float:
        """How long it took."""
        return (self.end - self.start) / 1e6
