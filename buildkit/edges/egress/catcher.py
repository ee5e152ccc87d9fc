"""What does a service say to those whom it calls by name, and what are they told for an answer?

Every connection that the relay hands on ends here: HTTP is read, noted and answered with 200; TLS is
unwrapped with a certificate for whatever name was called; anything else is noted and closed.
"""

from __future__ import annotations

import hmac
import secrets
import socket
import ssl
import threading
from contextlib import suppress
from dataclasses import replace
from socketserver import BaseRequestHandler
from time import monotonic
from typing import TYPE_CHECKING, Self

from buildkit.edges.egress.authority import Authority
from buildkit.edges.egress.http1 import serve_http1
from buildkit.edges.egress.http2 import PREFACE, serve_http2
from buildkit.edges.egress.origin import Origin
from buildkit.edges.http_server import Server
from buildkit.values.call import Contact, Unread

if TYPE_CHECKING:
    from collections.abc import Collection
    from types import TracebackType

    from buildkit.edges.call_log import CallLog

FIRST_BYTES_SECONDS = 2.0  # a client of HTTP speaks at once
OPEN_SECONDS = 5.0
_IDLE_SECONDS = 30.0
_LONGEST_LINE = 512
_HANDSHAKE = 0x16  # RFC 8446 5.1: the content type of what a client of TLS says first
_WORDS = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ")


class Catcher:
    """Takes what the relay hands on, from `with` to its end.

    Args:
        log: where calls, connections and looked-up names are noted.
        address: of this machine, to listen on.

    Raises:
        OSError: see Server.
    """

    def __init__(self, log: CallLog, *, address: str) -> None:
        self.log = log
        self.token = secrets.token_hex(16)
        self.authority = Authority()
        self.ready = threading.Event()
        self._control: socket.socket | None = None
        self._opened = threading.Condition()
        self._openings = 0

        class Bound(_Connection):
            catcher = self

        self._server = Server(Bound, address=address)

    @property
    def port(self) -> int:
        return self._server.port

    def __enter__(self) -> Self:
        self._server.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._control is not None:
            with suppress(OSError):
                self._control.shutdown(socket.SHUT_RDWR)
        self._server.__exit__(kind, error, trace)

    def open(self, ports: Collection[int]) -> None:
        """Have the relay take calls on further ports, before the service can make any."""
        if not ports or self._control is None:
            return
        with self._opened, suppress(OSError):
            wanted = self._openings + 1
            self._control.sendall(f"open {' '.join(map(str, ports))}\n".encode())
            self._opened.wait_for(lambda: self._openings >= wanted, OPEN_SECONDS)

    def hear(self, control: socket.socket) -> None:
        """Listen to what the relay says of itself, until it is gone."""
        self._control = control
        with control.makefile("r", encoding="ascii", errors="replace") as lines:
            for line in lines:
                word, _, rest = line.strip().partition(" ")
                if word == "ready":
                    self.ready.set()
                elif word == "name":
                    self.log.add_name(rest)
                elif word == "opened":
                    with self._opened:
                        self._openings += 1
                        self._opened.notify_all()

    def take(self, link: socket.socket, origin: Origin) -> None:
        """Serve one connection to its end."""
        link.settimeout(FIRST_BYTES_SECONDS)
        try:
            first = link.recv(len(PREFACE), socket.MSG_PEEK)
        except TimeoutError:
            self._note(origin, Unread.SILENT)
            return
        if not first:
            return  # somebody looked whether the port is open
        link.settimeout(_IDLE_SECONDS)
        if first[0] == _HANDSHAKE:
            self._take_tls(link, origin)
        elif PREFACE.startswith(first):
            serve_http2(link, origin, log=self.log)
        elif first[0] in _WORDS:
            self._take_http1(link, origin)
        else:
            self._note(origin, Unread.NOT_HTTP)

    def _take_http1(self, link: socket.socket, origin: Origin) -> None:
        beyond = serve_http1(link, origin, log=self.log)
        if beyond is not None:
            self.take(link, beyond)

    def _take_tls(self, link: socket.socket, origin: Origin) -> None:
        names: list[str] = []
        try:
            wrapped = self.authority.handshake(names.append).wrap_socket(link, server_side=True)
        except (ssl.SSLError, ConnectionError, TimeoutError) as error:
            # A client that does not like the certificate says so in an alert, or hangs up without a word.
            spoke_tls = bool(names) or "ALERT" in str(error)
            why = Unread.UNTRUSTED if spoke_tls else Unread.NOT_HTTP
            self._note(replace(origin, host=(names or [origin.host])[0]), why)
            return
        with wrapped:
            secured = replace(origin, host=(names or [origin.host])[0], scheme="https")
            if wrapped.selected_alpn_protocol() == "h2":
                serve_http2(wrapped, secured, log=self.log)
            else:
                self._take_http1(wrapped, secured)

    def _note(self, origin: Origin, why: Unread) -> None:
        self.log.add_contact(Contact(origin.host, origin.port, why, monotonic(), origin.peer))


class _Connection(BaseRequestHandler):
    """One connection from the relay; whoever does not know the token is not heard."""

    catcher: Catcher

    def handle(self) -> None:
        link: socket.socket = self.request
        link.settimeout(_IDLE_SECONDS)
        token, *words = _first_line(link).split() or [""]
        if not hmac.compare_digest(token, self.catcher.token):
            return
        if words == ["control"]:
            link.settimeout(None)
            self.catcher.hear(link)
        elif len(words) == 3 and words[0] == "call" and words[2].isdecimal():
            self.catcher.take(link, Origin(words[1], int(words[2])))


def _first_line(link: socket.socket) -> str:
    """Byte by byte, since what comes behind it is not ours to take from the socket."""
    line = bytearray()
    while len(line) < _LONGEST_LINE and (byte := link.recv(1)) not in (b"", b"\n"):
        line += byte
    return line.decode("ascii", "replace")
