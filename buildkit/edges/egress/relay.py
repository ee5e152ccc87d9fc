"""Stands in for everybody: answers every look-up with its own address, hands each connection on to the verifier.

This program runs in a container beside the service, from an archive of a few files, in whatever Python the image
has: the standard library only. It has an address of its own, so every port of it is free; the verifier,
which may be on another machine than the engine, has none.

What it says to the verifier: `TOKEN control`, then on that connection `ready`, `name NAME` for each look-up,
and `opened` for each `open PORT ...` that it hears; `TOKEN call PEER PORT` in front of a connection that it hands on.
"""

from __future__ import annotations

import resource
import selectors
import socket
import sys
import threading
from contextlib import suppress
from typing import TYPE_CHECKING

from buildkit.decisions import dns, ports

if TYPE_CHECKING:
    from collections.abc import Iterable

_CHUNK = 65536
_OTHER_FILES = 200


class Relay:
    """Everybody's stand-in.

    Args:
        hub: host and port of the verifier.
        token: proves to it that we are its own.
    """

    def __init__(self, hub: tuple[str, int], *, token: str) -> None:
        self._hub = hub
        self._token = token
        self._selector = selectors.DefaultSelector()
        self._control = socket.create_connection(hub)
        self._address = self._control.getsockname()[0]
        self._say(f"{token} control")

    def serve(self) -> None:
        """Until the verifier hangs up."""
        usual = ports.usual()
        self._allow(len(usual))
        names = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        names.bind((self._address, dns.PORT))
        self._selector.register(names, selectors.EVENT_READ, self._look_up)
        self._selector.register(self._control, selectors.EVENT_READ, self._hear)
        self._open(usual)
        self._say("ready")
        with suppress(EOFError, ConnectionError):
            while True:
                for key, _ in self._selector.select():
                    key.data(key.fileobj)

    def _open(self, wanted: Iterable[int]) -> None:
        """Listen; a port that cannot be had (too many files are open) is one that refuses."""
        for port in wanted:
            listener = socket.socket()
            try:
                listener.bind((self._address, port))
                listener.listen(16)
            except OSError:
                listener.close()
                continue
            self._selector.register(listener, selectors.EVENT_READ, self._accept)

    def _look_up(self, names: socket.socket) -> None:
        datagram, asker = names.recvfrom(_CHUNK)
        asked = dns.question(datagram)
        if asked is None:
            return
        if asked.asks_for_address:
            self._say(f"name {asked.name}")
        with suppress(OSError):  # the asker is gone
            names.sendto(dns.answer(asked, address=self._address), asker)

    def _hear(self, control: socket.socket) -> None:
        order = control.recv(_CHUNK)
        if not order:
            raise EOFError
        for line in order.decode().splitlines():
            self._open([int(port) for port in line.split()[1:]])
            self._say("opened")

    def _accept(self, listener: socket.socket) -> None:
        with suppress(OSError):  # it has hung up already
            link, peer = listener.accept()
            line = f"{self._token} call {peer[0]} {listener.getsockname()[1]}\n"
            threading.Thread(target=self._hand_on, args=(link, line.encode()), daemon=True).start()

    def _hand_on(self, link: socket.socket, line: bytes) -> None:
        with suppress(OSError), link, socket.create_connection(self._hub) as hub:
            hub.sendall(line)
            threading.Thread(target=_pump, args=(link, hub), daemon=True).start()
            _pump(hub, link)
            link.shutdown(socket.SHUT_RDWR)  # the other thread may wait for more of it

    def _say(self, line: str) -> None:
        self._control.sendall(line.encode() + b"\n")

    @staticmethod
    def _allow(files: int) -> None:
        _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
        enough = min(files + _OTHER_FILES, most) if most != resource.RLIM_INFINITY else files + _OTHER_FILES
        resource.setrlimit(resource.RLIMIT_NOFILE, (enough, most))


def _pump(source: socket.socket, target: socket.socket) -> None:
    """Copy until the source has said all; then the target hears so."""
    with suppress(OSError):
        while data := source.recv(_CHUNK):
            target.sendall(data)
    with suppress(OSError):
        target.shutdown(socket.SHUT_WR)


def main(host: str, port: str, token: str) -> None:
    """Serve the verifier at this host and port."""
    Relay((host, int(port)), token=token).serve()


if __name__ == "__main__":
    main(*sys.argv[1:])
