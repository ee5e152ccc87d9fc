"""How is a request of the table sent, and what came back?"""

import base64
import dataclasses
import http.client
import os
import socket
import struct

ANSWER_SECONDS = 30
TEXT, CLOSE, PING, PONG = 1, 8, 9, 10


@dataclasses.dataclass(frozen=True)
class Answer:
    """What came back; status 0 and the reason as the body where nothing did."""

    status: int
    body: str = ""
    headers: tuple[str, ...] = ()


def send(request, *, address, number, caller=None):
    """Send it, and wait for the whole answer."""
    path = request.path.replace("{n}", str(number))
    headers = {name: value.replace("{n}", str(number)) for name, value in request.headers.items()}
    if caller is not None and "traceparent" not in {name.lower() for name in headers}:
        headers["traceparent"] = caller.traceparent
    if caller is not None:
        headers = {name: _of_caller(value, caller) for name, value in headers.items()}
    try:
        if request.websocket:
            return _websocket(address, path, headers, said=request.body or b"hello")
        return _http(request, address, path, headers, number)
    except (OSError, http.client.HTTPException) as error:
        return Answer(0, f"{type(error).__name__}: {error}")


def _of_caller(value, caller):
    """Headers of other formats than W3C's name the caller's trace as `{trace_id}` and `{span_id}`."""
    return value.replace("{trace_id}", caller.trace_id).replace("{span_id}", caller.span_id)


def _http(request, address, path, headers, number):
    connection = http.client.HTTPConnection(*address, timeout=ANSWER_SECONDS)
    body = request.body.replace(b"{n}", str(number).encode()) if request.body is not None else None
    try:
        if request.chunked:
            parts = [body[: len(body) // 2], body[len(body) // 2 :]]
            connection.request(request.method, path, iter(parts), headers, encode_chunked=True)
        else:
            connection.request(request.method, path, body, headers)
        answer = connection.getresponse()
        text = answer.read().decode(errors="replace")
        return Answer(answer.status, text, tuple(sorted(name.lower() for name in answer.headers)))
    finally:
        connection.close()


def _websocket(address, path, headers, *, said):
    """Open, say one message, hear one, close: RFC 6455, sections 4.1, 5.2 and 7.1."""
    lines = [
        f"GET {path} HTTP/1.1",
        f"Host: {address[0]}:{address[1]}",
        "Upgrade: websocket",
        "Connection: Upgrade",
        f"Sec-WebSocket-Key: {base64.b64encode(os.urandom(16)).decode()}",
        "Sec-WebSocket-Version: 13",
        *(f"{name}: {value}" for name, value in headers.items()),
    ]
    with socket.create_connection(address, timeout=ANSWER_SECONDS) as connection:
        connection.sendall(("\r\n".join(lines) + "\r\n\r\n").encode())
        with connection.makefile("rb") as stream:
            status = int(stream.readline().split()[1])
            names = [line.partition(b":")[0] for line in iter(stream.readline, b"\r\n") if line]
            if status != http.HTTPStatus.SWITCHING_PROTOCOLS:
                return Answer(status)
            connection.sendall(_frame(TEXT, said))
            heard = _hear(stream, connection)
            connection.sendall(_frame(CLOSE, struct.pack("!H", 1000)))
            stream.read()
    return Answer(status, heard.decode(errors="replace"), tuple(sorted(n.decode().lower() for n in names)))


def _frame(opcode, payload):
    """One final frame, masked as a client's must be; payloads here are shorter than 126 bytes."""
    mask = os.urandom(4)
    masked = bytes(byte ^ mask[at % 4] for at, byte in enumerate(payload))
    return bytes([0x80 | opcode, 0x80 | len(payload)]) + mask + masked


def _hear(stream, connection):
    """The next message."""
    while True:
        head = stream.read(2)
        if len(head) < 2:
            raise http.client.IncompleteRead(head)
        opcode, length = head[0] & 15, head[1] & 127
        if length == 126:
            (length,) = struct.unpack("!H", stream.read(2))
        elif length == 127:
            (length,) = struct.unpack("!Q", stream.read(8))
        payload = stream.read(length)
        if opcode == PING:
            connection.sendall(_frame(PONG, payload))
        elif opcode == CLOSE:
            raise http.client.HTTPException(f"closed by the service: {payload!r}")
        else:
            return payload
