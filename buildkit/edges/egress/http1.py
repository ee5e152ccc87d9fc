"""How is a caught connection served that speaks HTTP/1.1 (RFC 9112)?"""

from __future__ import annotations

import ssl
from dataclasses import replace
from http import HTTPStatus
from time import monotonic
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from buildkit.edges.call_log import header_fields
from buildkit.edges.egress.origin import Origin, host_of, port_of
from buildkit.edges.http_server import Handler, RefusedError
from buildkit.values.call import Call

if TYPE_CHECKING:
    import socket

    from buildkit.edges.call_log import CallLog

ANSWER = b"{}"


def serve_http1(link: socket.socket, origin: Origin, *, log: CallLog) -> Origin | None:
    """Answer all requests of a connection with 200 and an empty JSON object, and note them.

    Returns:
        Whom the rest of the connection is meant for, if the service took us for a proxy and asked for a
        tunnel (RFC 9110 9.3.6); None if it is at its end.
    """

    class Bound(_Caught):
        calls = log
        called = origin
        beyond = None

    try:
        # The base class serves in its constructor; its server is of no use to it.
        return Bound(link, (origin.peer, 0), None).beyond  # type: ignore[arg-type]
    except (ConnectionError, TimeoutError, ssl.SSLError):
        return None  # the service hung up


class _Caught(Handler):
    server_version = "buildkit-catcher"
    calls: CallLog
    called: Origin
    beyond: Origin | None

    def _take(self) -> None:
        arrived = monotonic()
        try:
            size = len(self.read_body())
        except RefusedError as refused:
            self.answer(refused.status, str(refused).encode(), content_type="text/plain")
            return
        authority, path = self.headers.get("Host", ""), self.path
        if not path.startswith(("/", "*")):  # to a proxy the whole address is said
            url = urlsplit(path)
            authority, path = url.netloc, (url.path or "/") + (f"?{url.query}" if url.query else "")
        self.calls.add(
            Call(
                self.command,
                path,
                header_fields(self.headers.items()),
                arrived,
                size,
                host=host_of(authority) or self.called.host,
                port=self.called.port if path is self.path else port_of(authority, otherwise=80),
                scheme=self.called.scheme,
                peer=self.called.peer,
            )
        )
        self.answer(HTTPStatus.OK, ANSWER, content_type="application/json")

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = do_TRACE = _take  # noqa: N815 - so the base class looks them up

    def do_CONNECT(self) -> None:  # noqa: N802
        self.beyond = replace(
            self.called, host=host_of(self.path), port=port_of(self.path, otherwise=443), scheme="http"
        )
        self.send_response(HTTPStatus.OK)
        self.end_headers()
        self.close_connection = True
