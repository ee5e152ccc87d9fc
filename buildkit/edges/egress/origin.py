"""Whom was a connection meant for?"""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit


@dataclass(frozen=True, slots=True)
class Origin:
    """Whom a connection was meant for, as far as that is known, and who made it.

    Attributes:
        peer: the address of who made it.
        port: the port that was called.
        host: the name that TLS, or a proxy's CONNECT, has told.
        scheme: `http` or `https`.
    """

    peer: str
    port: int
    host: str = ""
    scheme: str = "http"


def host_of(authority: str) -> str:
    """The host of `host`, `host:port` or `[::1]:port`, in lower case; empty if it has none."""
    try:
        return urlsplit(f"//{authority}").hostname or ""
    except ValueError:
        return ""


def port_of(authority: str, *, otherwise: int) -> int:
    try:
        return urlsplit(f"//{authority}").port or otherwise
    except ValueError:
        return otherwise
