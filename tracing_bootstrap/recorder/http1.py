"""How one request and its answer pass over one socket: as much of HTTP/1.1 (RFC 9112) as an exporter needs.

Not http.client, for three reasons. It imports ssl and email even for plain http: 8 MB of a worker's memory
measured on CPython 3.11, where socket takes 1.3. It bounds each read and not the whole answer, so that a
collector that drips a byte a second holds its caller for hours. And it is what services patch and debug:
`http.client.HTTPConnection.debuglevel = 1` would print our exports on the service's stdout.
"""

from __future__ import annotations

from time import monotonic

TYPE_CHECKING = False
if TYPE_CHECKING:
    import socket
    import ssl

MAX_HEAD = 64 * 1024
MAX_BODY = 64 * 1024


class MalformedAnswerError(Exception):
    """What came back is no HTTP."""


class Answer:
    """A status, headers with lower-case names, a bounded body, and whether the connection can be used on."""

    __slots__ = ("body", "headers", "reusable", "status")

    def __init__(self, status: int, *, headers: dict[str, str], body: bytes, reusable: bool) -> None:
        self.status = status
        self.headers = headers
        self.body = body
        self.reusable = reusable


def connect(host: str, *, port: int, context: ssl.SSLContext | None, deadline: float) -> socket.socket:
    """Open a connection, over TLS where there is a `context`; OSError (TimeoutError) if not by `deadline`.

    `deadline` is on the monotonic clock, as everywhere in here. Every address gets an equal share of what is
    left, so that a black-holed first one does not use it all up. Resolving the name has no timeout of ours.
    """
    # In the exporter's thread, after gevent may have patched it.
    import socket

    # As bytes: a str would import IDNA's tables, for a host that the settings have checked to be ASCII.
    addresses = socket.getaddrinfo(host.encode("ascii"), port, type=socket.SOCK_STREAM)
    failure: OSError = OSError(f"{host} has no address")
    for number, (family, kind, protocol, _, address) in enumerate(addresses):
        connection = socket.socket(family, kind, protocol)
        try:
            connection.settimeout(_left(deadline) / (len(addresses) - number))
            connection.connect(address)
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if context is None:
                return connection
            connection.settimeout(_left(deadline))
            return context.wrap_socket(connection, server_hostname=host)
        except OSError as exc:
            failure = exc
            connection.close()
        except BaseException:
            connection.close()
            raise
    raise failure


def exchange(connection: socket.socket, *, request: bytes, deadline: float) -> Answer:
    """Send a whole request and read its answer.

    Raises OSError (ConnectionError, TimeoutError) where the connection fails or the deadline passes, and
    MalformedAnswerError where the answer is no HTTP.
    """
    connection.settimeout(_left(deadline))
    try:
        connection.sendall(request)
    except (BrokenPipeError, ConnectionResetError):
        # A server that refuses a request by its head answers and closes before it has read the body.
        try:
            return _read(_Reader(connection, deadline=deadline))
        except (OSError, MalformedAnswerError):
            pass
        raise
    return _read(_Reader(connection, deadline=deadline))


def _left(deadline: float) -> float:
    left = deadline - monotonic()
    if left <= 0:
        raise TimeoutError("timed out")
    return left


class _Reader:
    """Lines and blocks off a socket, all of them before one deadline."""

    __slots__ = ("_buffer", "_connection", "_deadline")

    def __init__(self, connection: socket.socket, *, deadline: float) -> None:
        self._connection = connection
        self._deadline = deadline
        self._buffer = b""

    def _more(self) -> bool:
        self._connection.settimeout(_left(self._deadline))
        data = self._connection.recv(16 * 1024)
        self._buffer += data
        return bool(data)

    def line(self) -> bytes:
        while (end := self._buffer.find(b"\n")) < 0:
            if len(self._buffer) > MAX_HEAD:
                raise MalformedAnswerError("a line without an end")
            if not self._more():
                if self._buffer:
                    raise MalformedAnswerError("the answer ends in its head")
                raise ConnectionResetError("closed without an answer")
        line, self._buffer = self._buffer[:end], self._buffer[end + 1 :]
        return line.rstrip(b"\r")

    def block(self, size: int) -> bytes:
        """Return `size` bytes, or fewer where the connection ends before."""
        while len(self._buffer) < size and self._more():
            pass
        block, self._buffer = self._buffer[:size], self._buffer[size:]
        return block


def _read(reader: _Reader) -> Answer:
    status = 100
    for _ in range(8):
        status, version, headers = _head(reader)
        if status >= 200:
            break
    else:
        raise MalformedAnswerError("nothing but interim answers")
    body, whole = (b"", True) if status in (204, 304) else _body(reader, headers)
    reusable = whole and version == b"HTTP/1.1" and "close" not in headers.get("connection", "").lower()
    return Answer(status, headers=headers, body=body, reusable=reusable)


def _head(reader: _Reader) -> tuple[int, bytes, dict[str, str]]:
    version, _, rest = reader.line().partition(b" ")
    if not version.startswith(b"HTTP/1.") or not rest[:3].isdigit():
        raise MalformedAnswerError("no HTTP answer")
    headers: dict[str, str] = {}
    size = 0
    while line := reader.line():
        size += len(line)
        if size > MAX_HEAD:
            raise MalformedAnswerError("a head without an end")
        name, _, value = line.decode("latin-1").partition(":")
        headers[name.strip().lower()] = value.strip()
    return int(rest[:3]), version, headers


def _body(reader: _Reader, headers: dict[str, str]) -> tuple[bytes, bool]:
    """Return at most MAX_BODY bytes, and whether they were the whole body of a known length."""
    if "chunked" in headers.get("transfer-encoding", "").lower():
        return _chunks(reader)
    length = headers.get("content-length", "")
    if not (length.isascii() and length.isdigit()):
        return reader.block(MAX_BODY), False
    size = int(length[:12])
    body = reader.block(min(size, MAX_BODY))
    return body, len(body) == size


def _chunks(reader: _Reader) -> tuple[bytes, bool]:
    body = b""
    while True:
        text = reader.line().partition(b";")[0].strip()
        try:
            size = int(text, 16)
        except ValueError:
            raise MalformedAnswerError("a chunk without a size") from None
        if size == 0:
            while reader.line():
                pass
            return body, True
        if size < 0 or len(body) + size > MAX_BODY:
            return body, False
        body += reader.block(size)
        reader.line()
