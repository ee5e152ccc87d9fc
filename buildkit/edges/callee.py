"""Which calls did the service make to the address that we gave it, and with which headers?"""

from __future__ import annotations

from http import HTTPStatus
from time import monotonic
from typing import TYPE_CHECKING

from buildkit.edges.call_log import header_fields
from buildkit.edges.http_server import Handler, RefusedError, Server
from buildkit.values.call import Call

if TYPE_CHECKING:
    from buildkit.edges.call_log import CallLog


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
        self.calls.add(Call(self.command, self.path, header_fields(self.headers.items()), arrived, size))
        self.answer(HTTPStatus.OK, b'{"callee": "verify", "price": 42}', content_type="application/json")

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = _take  # noqa: N815 - so the base class looks them up
