"""What did we ask of the service, and what did it ask of others?"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Request:
    """A request that is to be sent, with the trace that it belongs to (W3C Trace Context)."""

    method: str
    path: str
    trace_id: str
    span_id: str
    body: bytes = b""
    # The services that it passes through, the one that takes it first. What the last one calls is ours.
    through: tuple[str, ...] = ()
    route: str = ""  # the template that the first service has for it, where that is known

    @property
    def traceparent(self) -> str:
        return f"00-{self.trace_id}-{self.span_id}-01"


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: a status, or no status and the reason; times on the monotonic clock, in seconds."""

    request: Request
    status: int | None
    started: float
    ended: float
    error: str = ""
    last: bool = False  # one of those that were followed by the stop signal at once


@dataclass(frozen=True, slots=True)
class Call:
    """A call that the service made to us; `arrived` on the monotonic clock, header names in lower case."""

    method: str
    path: str
    headers: tuple[tuple[str, str], ...]
    arrived: float
    size: int = 0

    def header(self, name: str) -> str:
        """Its value, or an empty string; repeated ones joined by commas, as HTTP has it."""
        return ",".join(value for key, value in self.headers if key == name)
