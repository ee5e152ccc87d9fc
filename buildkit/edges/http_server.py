"""How do the small HTTP servers inside this process listen, read a bounded body, and end?"""

from __future__ import annotations

import threading
import zlib
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from socketserver import BaseRequestHandler
    from types import TracebackType

MAX_BODY = 16 * 2**20  # bytes on the wire
MAX_UNPACKED = 64 * 2**20  # bytes after gzip: an export request packs at 1:10 or so
IDLE_SECONDS = 30  # a connection that says nothing for so long is closed
_MAX_LINE = 4096


class RefusedError(Exception):
    """The request is answered with this status and text."""

    def __init__(self, status: HTTPStatus, message: str) -> None:
        super().__init__(message)
        self.status = status


class Server(ThreadingHTTPServer):
    """A server in a thread of its own, from `with` to its end; `port` 0 takes a free one.

    Raises:
        OSError: the address is not this machine's, or the port is taken.
    """

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, handler: type[BaseRequestHandler], *, address: str, port: int = 0) -> None:
        super().__init__((address, port), handler)
        self._thread = threading.Thread(target=self.serve_forever, args=(0.05,), daemon=True)

    @property
    def port(self) -> int:
        return self.server_port

    def server_bind(self) -> None:
        """Bind without the base class's look-up of our own host name, which can take seconds."""
        self.socket.bind(self.server_address)
        self.server_address = self.socket.getsockname()
        self.server_name, self.server_port = str(self.server_address[0]), int(self.server_address[1])

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.shutdown()
        self._thread.join()
        self.server_close()

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that hangs up in mid-sentence is the client's affair: no traceback on our stderr."""


class Handler(BaseHTTPRequestHandler):
    """Keep-alive, silent, with a bounded body."""

    protocol_version = "HTTP/1.1"
    timeout = IDLE_SECONDS
    wbufsize = -1  # one packet for headers and body
    disable_nagle_algorithm = True

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
        """Keep quiet: our user reads a report, not an access log."""

    def read_body(self) -> bytes:
        """Read the whole body, unchunked and unpacked.

        Raises:
            RefusedError: it is too large, cut short, or packed in a way that we do not know.
        """
        if "chunked" in self.headers.get("Transfer-Encoding", "").lower():
            body = self._read_chunks()
        else:
            body = self._read_exactly(self._content_length())
        return _unpack(body, encoding=self.headers.get("Content-Encoding", "").strip().lower())

    def answer(self, status: HTTPStatus, body: bytes, *, content_type: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(body)))
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def _content_length(self) -> int:
        text = self.headers.get("Content-Length", "0").strip()
        if not (text.isascii() and text.isdigit()):
            raise self._hang_up(HTTPStatus.BAD_REQUEST, "Content-Length is not a number")
        if len(text) > 12 or int(text) > MAX_BODY:
            raise self._hang_up(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"more than {MAX_BODY} bytes")
        return int(text)

    def _read_exactly(self, length: int) -> bytes:
        body = self.rfile.read(length)
        if len(body) < length:
            raise self._hang_up(HTTPStatus.BAD_REQUEST, "the body ends early")
        return body

    def _read_chunks(self) -> bytes:
        body = bytearray()
        while True:
            line = self.rfile.readline(_MAX_LINE).split(b";")[0].strip()
            try:
                size = int(line, 16)
            except ValueError:
                raise self._hang_up(HTTPStatus.BAD_REQUEST, "not a chunk size") from None
            if size < 0 or len(body) + size > MAX_BODY:
                raise self._hang_up(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"more than {MAX_BODY} bytes")
            if size == 0:
                break
            body += self._read_exactly(size)
            self.rfile.readline(_MAX_LINE)
        while self.rfile.readline(_MAX_LINE) not in (b"\r\n", b"\n", b""):
            """Trailers say nothing that we want."""
        return bytes(body)

    def _hang_up(self, status: HTTPStatus, message: str) -> RefusedError:
        """Refuse, and close: what is left of the body would be read as the next request."""
        self.close_connection = True
        return RefusedError(status, message)


def _unpack(body: bytes, *, encoding: str) -> bytes:
    if encoding in ("", "identity"):
        return body
    if encoding != "gzip":
        raise RefusedError(
            HTTPStatus.UNSUPPORTED_MEDIA_TYPE, f"Content-Encoding {encoding[:40]!r} is unknown"
        )
    unpacker = zlib.decompressobj(wbits=31)
    try:
        unpacked = unpacker.decompress(body, MAX_UNPACKED)
    except zlib.error as error:
        raise RefusedError(HTTPStatus.BAD_REQUEST, f"not gzip: {error}") from error
    if unpacker.unconsumed_tail:
        raise RefusedError(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"more than {MAX_UNPACKED} bytes unpacked")
    if not unpacker.eof:
        raise RefusedError(HTTPStatus.BAD_REQUEST, "the gzip stream ends early")
    return unpacked
