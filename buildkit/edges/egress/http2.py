"""How is a caught connection served that speaks HTTP/2 (RFC 9113), as gRPC does?"""

from __future__ import annotations

import ssl
from time import monotonic
from typing import TYPE_CHECKING

from buildkit.edges.call_log import header_fields
from buildkit.edges.egress.origin import host_of
from buildkit.values.call import Call

if TYPE_CHECKING:
    import socket

    from h2.connection import H2Connection

    from buildkit.edges.call_log import CallLog
    from buildkit.edges.egress.origin import Origin

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
_CHUNK = 65536
_EMPTY_MESSAGE = bytes(5)  # gRPC's length-prefixed message: not compressed, of no bytes


def serve_http2(link: socket.socket, origin: Origin, *, log: CallLog) -> None:
    """Answer all requests of a connection, and note them.

    gRPC's are answered with one empty message and status 0 (a protobuf message of defaults), all others
    with 200 and an empty JSON object.
    """
    import h2.config  # noqa: PLC0415 - a tenth of a second, for what few services speak
    import h2.connection  # noqa: PLC0415
    import h2.events  # noqa: PLC0415
    import h2.exceptions  # noqa: PLC0415

    connection = h2.connection.H2Connection(
        h2.config.H2Configuration(client_side=False, header_encoding="utf-8")
    )
    connection.initiate_connection()
    waiting: dict[int, dict[str, str]] = {}
    try:
        link.sendall(connection.data_to_send())
        while data := link.recv(_CHUNK):
            for event in connection.receive_data(data):
                if isinstance(event, h2.events.RequestReceived):
                    fields = [(str(name), str(value)) for name, value in event.headers]
                    waiting[event.stream_id] = dict(fields)
                    log.add(_call(fields, origin))
                elif isinstance(event, h2.events.DataReceived):
                    connection.acknowledge_received_data(event.flow_controlled_length, event.stream_id)
                elif isinstance(event, h2.events.StreamReset):
                    waiting.pop(event.stream_id, None)
                elif isinstance(event, h2.events.StreamEnded) and event.stream_id in waiting:
                    _answer(connection, event.stream_id, waiting.pop(event.stream_id))
            link.sendall(connection.data_to_send())
    except (h2.exceptions.ProtocolError, UnicodeError, ConnectionError, TimeoutError, ssl.SSLError):
        """The service hung up, or speaks something else after all."""


def _call(fields: list[tuple[str, str]], origin: Origin) -> Call:
    pseudo = {name: value for name, value in fields if name.startswith(":")}
    return Call(
        pseudo.get(":method", ""),
        pseudo.get(":path", ""),
        header_fields((name, value) for name, value in fields if not name.startswith(":")),
        monotonic(),
        host=host_of(pseudo.get(":authority", "")) or origin.host,
        port=origin.port,
        scheme=origin.scheme,
        peer=origin.peer,
    )


def _answer(connection: H2Connection, stream: int, asked: dict[str, str]) -> None:
    if asked.get("content-type", "").startswith("application/grpc"):
        connection.send_headers(stream, [(":status", "200"), ("content-type", asked["content-type"])])
        connection.send_data(stream, _EMPTY_MESSAGE)
        connection.send_headers(stream, [("grpc-status", "0")], end_stream=True)
        return
    head = asked.get(":method") == "HEAD"
    connection.send_headers(
        stream,
        [(":status", "200"), ("content-type", "application/json"), ("content-length", "2")],
        end_stream=head,
    )
    if not head:
        connection.send_data(stream, b"{}", end_stream=True)
