"""What did we ask of the service, and what did it ask of others?"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


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
    must_succeed: bool = False  # whether an error of the server (5xx) is a failure

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
    """A call that the service made to us; `arrived` on the monotonic clock, header names in lower case.

    Attributes:
        host: whom the service believes to call, where it looked up that name; empty where it was given our address.
        port: the port that it called there.
        scheme: `http` or `https`.
        peer: the address that it called from, where it looked up a name.
    """

    method: str
    path: str
    headers: tuple[tuple[str, str], ...]
    arrived: float
    size: int = 0
    host: str = ""
    port: int = 0
    scheme: str = "http"
    peer: str = ""

    @property
    def caught(self) -> bool:
        """Whether it was meant for somebody else."""
        return bool(self.port)

    @property
    def whom(self) -> str:
        """The called name and port as a URL begins, empty for ourselves."""
        return f"{self.scheme}://{self.host}:{self.port}" if self.caught else ""

    def header(self, name: str) -> str:
        """Its value, or an empty string; repeated ones joined by commas, as HTTP has it."""
        return ",".join(value for key, value in self.headers if key == name)


class Unread(StrEnum):
    """Why a connection that the service made shows no headers."""

    UNTRUSTED = "over TLS, and does not trust the verifier's certificate"
    NOT_HTTP = "in another protocol than HTTP"
    SILENT = "and waits for the other side to speak first"


@dataclass(frozen=True, slots=True)
class Contact:
    """A connection that the service made, and of which we could not read a call.

    `host` is the name that TLS told us, empty without; `arrived` is on the monotonic clock.
    """

    host: str
    port: int
    why: Unread
    arrived: float
    peer: str = ""

    def __str__(self) -> str:
        return f"{self.host or 'somebody'}:{self.port}"
