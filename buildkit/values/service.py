"""What is a service that is being looked at: its image, its processes, its end?"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from buildkit.values.call import Answer, Call, Contact
    from buildkit.values.span import Span


def _empty() -> Mapping[str, Any]:
    return MappingProxyType({})


@dataclass(frozen=True, slots=True)
class ServiceImage:
    """What `docker image inspect` says of an image, as far as it matters here."""

    name: str
    diff_ids: tuple[str, ...] = ()
    labels: Mapping[str, str] = field(default_factory=_empty, hash=False)
    environment: Mapping[str, str] = field(default_factory=_empty, hash=False)
    command: tuple[str, ...] = ()  # entrypoint and cmd
    ports: tuple[int, ...] = ()  # exposed TCP ports, ascending
    stop_signal: str = "SIGTERM"


@dataclass(frozen=True, slots=True)
class Standing:
    """Whether an image stands on the base, on which version of it, and how that is known."""

    on_base: bool
    reason: str
    version: str = ""


@dataclass(frozen=True, slots=True)
class Process:
    """A process in the container, as /proc has it; only the environment that concerns Python or tracing."""

    pid: int
    executable: str
    arguments: tuple[str, ...]
    environment: Mapping[str, str] = field(default_factory=_empty, hash=False)


@dataclass(frozen=True, slots=True)
class Listener:
    """A TCP address that something in the container listens on."""

    address: str
    port: int
    loopback: bool

    def __str__(self) -> str:
        return f"[{self.address}]:{self.port}" if ":" in self.address else f"{self.address}:{self.port}"


@dataclass(frozen=True, slots=True)
class Inside:
    """What a look into the running container showed; empty where it could not be had.

    `interpreter` is the file behind the base's own Python, /opt/venv/bin/python.
    `doctor` is what `python -m tracing_bootstrap --json` printed there, `None` where it did not run.
    """

    processes: tuple[Process, ...] = ()
    listeners: tuple[Listener, ...] = ()
    interpreter: str = ""
    doctor: Mapping[str, Any] | None = field(default=None, hash=False)


class Stage(IntEnum):
    """How far a service came on its way to its first answer."""

    CREATED = 0
    STARTED = 1
    LISTENS = 2
    ANSWERS = 3


@dataclass(frozen=True, slots=True)
class Readiness:
    """Where the way ended: after how many seconds, on which port, and why not further."""

    stage: Stage
    seconds: float
    port: int | None = None
    detail: str = ""
    exit_code: int | None = None  # set if the container ended by itself
    opened: float = 0.0  # when a door first opened, on the monotonic clock


@dataclass(frozen=True, slots=True)
class Stop:
    """How the container ended after the stop signal; `killed` if it had to be killed."""

    signal: str
    seconds: float
    exit_code: int | None
    killed: bool = False


@dataclass(frozen=True, slots=True)
class Evidence:
    """All that was seen of one service; the checks judge it and nothing else.

    Attributes:
        name: how the report calls the service; also the source of its spans.
        upstream: the name of the service whose calls reach it, empty if it is we who call.
        downstream: the name of the service that it calls, empty if its calls come to us.
        calls: what it asked of others between our first request and the end; of us, also the last of its chain.
        calls_before: what it asked of others before it took connections.
        contacts: its connections to others that showed no headers.
        looked_up: the names that the services of the run looked up.
        catching: whether calls by name came to us.
        ended: its exit code, if it ended by itself after it had answered once.
        spans: the spans of *all* services of the run.
        must_call_out: whether a service that never calls out fails.
    """

    name: str
    image: ServiceImage
    standing: Standing
    readiness: Readiness
    inside: Inside = Inside()
    answers: tuple[Answer, ...] = ()
    calls: tuple[Call, ...] = ()
    calls_before: tuple[Call, ...] = ()
    contacts: tuple[Contact, ...] = ()
    looked_up: tuple[str, ...] = ()
    catching: bool = False
    spans: tuple[Span, ...] = ()
    refused_spans: int = 0
    log: str = ""
    stop: Stop | None = None
    ended: int | None = None
    upstream: str = ""
    downstream: str = ""
    must_call_out: bool = False

    @property
    def own(self) -> tuple[Span, ...]:
        """The spans that this service sent."""
        return tuple(span for span in self.spans if span.source == self.name)

    @property
    def inbound(self) -> tuple[Answer, ...]:
        """Those of our requests that reach this service, answered or not."""
        return tuple(answer for answer in self.answers if self.name in answer.request.through)
