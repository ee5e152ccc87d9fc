"""How is a service started and asked, so that it can be judged?"""

from __future__ import annotations

from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class ServiceProbe:
    """What the owner of a service says of it; all has a default that fits most.

    Attributes:
        ports: TCP ports on which it speaks HTTP; empty for those that its image exposes.
        path: what it is asked for, best a page that makes it call others.
        probes: further paths that it must answer without an error of the server (5xx).
        command: what to start it with instead of the image's own command; empty for that.
        environment: variables on top of the image's own.
        call_env: variables that tell it where to call, beside the usual ones.
        timeout: seconds until its first answer.
        require_outgoing: whether it fails if it calls nobody.
    """

    ports: tuple[int, ...] = ()
    path: str = "/"
    probes: tuple[str, ...] = ()
    command: tuple[str, ...] = ()
    environment: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}), hash=False)
    call_env: tuple[str, ...] = ()
    timeout: float = 30.0
    require_outgoing: bool = False
