"""Which calls did the service make to the outside, and with which headers?"""

from __future__ import annotations

import threading
from http import HTTPStatus
from time import monotonic
from typing import TYPE_CHECKING

from buildkit.edges.http_server import Handler, RefusedError, Server
from buildkit.values.call import Call

if TYPE_CHECKING:
    from collections.abc import Iterable


class CallLog:
    """The calls that arrived, oldest first; thread-safe."""

    def __init__(self, *, limit: int = 10_000) -> None:
        self._calls: list[Call] = []
        self._lock = threading.Lock()
        self._limit = limit

    def add(self, call: Call) -> None:
        with self._lock:
            if len(self._calls) < self._limit:
                self._calls.append(call)

    def calls(self) -> tuple[Call, ...]:
        with self._lock:
            return tuple(self._calls)


def callee(log: CallLog, *, address: str = "127.0.0.1", port: int = 0) -> Server:
    """A server that answers every call with 200 and notes it in `log`; it listens inside `with`.

    Raises:
        OSError: see Server.
    """

    class Bound(_Callee):
        calls = log

    return Server(Bound, address=address, port=port)


class _Callee(Handler):
    server_version = "buildkit-callee"
    calls: CallLog

    def _take(self) -> None:
        arrived = monotonic()
        try:
            size = len(self.read_body())
        except RefusedError as refused:
            self.answer(refused.status, str(refused).encode(), content_type="text/plain")
            return
        headers = tuple((name.lower(), value) for name, value in _bounded(self.headers.items()))
        self.calls.add(Call(self.command, self.path, headers, arrived, size))
        self.answer(HTTPStatus.OK, b'{"callee": "verify", "price": 42}', content_type="application/json")

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = _take  # noqa: N815 - so the base class looks them up


def _bounded(headers: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    return [(name, value[:8192]) for name, value in headers]
