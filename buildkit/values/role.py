"""Which services are looked at, and what are they asked?"""

from __future__ import annotations

from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from buildkit.values.call import Request
    from buildkit.values.service import ServiceImage

PEERS = ("PEER_URL", "VERIFY_CALLEE_URL")


@dataclass(frozen=True, slots=True)
class Role:
    """A service and its place in a chain of services.

    Attributes:
        name: its name in the network and in the report.
        image: what it runs.
        ports: where to knock; the first that answers is the one.
        calls: the name of the service that it calls; empty if it is given our address to call.
        peers: names of the variables that tell it where to call.
        environment: further variables for it.
        must_call_out: whether it fails if it calls nobody.
        command: what to start it with instead of the image's own command; None for that.
    """

    name: str
    image: ServiceImage
    ports: tuple[int, ...]
    calls: str = ""
    peers: tuple[str, ...] = PEERS
    environment: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}), hash=False)
    must_call_out: bool = False
    command: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Script:
    """What the first service is asked, at which path we knock, and how many seconds long."""

    requests: tuple[Request, ...]
    last: tuple[Request, ...]
    path: str = "/"
    timeout: float = 30.0
