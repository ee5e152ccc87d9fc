import contextlib
import socket
import ssl
import threading

import h2.config
import h2.connection
import h2.events
import pytest

from buildkit.edges.call_log import CallLog
from buildkit.edges.egress.catcher import Catcher
from buildkit.values.call import Unread


@pytest.fixture
def catcher():
    with Catcher(CallLog(), address="127.0.0.1") as catcher:
        yield catcher


def connect(catcher, *, port=8080, token=None, words=None):
    """As the relay hands a connection on."""
    link = socket.create_connection(("127.0.0.1", catcher.port), timeout=10)
    link.sendall(f"{token or catcher.token} {words or f'call 172.18.0.3 {port}'}\n".encode())
    return link


def everything(link):
    said = b""
    with contextlib.suppress(ConnectionResetError):  # what is hung up on in mid-sentence
        while data := link.recv(65536):
            said += data
    return said


def ask(link, text):
    link.sendall(text.replace("\n", "\r\n").encode())
    return everything(link)


def test_a_call_is_answered_with_an_empty_object_and_noted(catcher):
    with connect(catcher) as link:
        said = ask(
            link, "GET /items?q=1 HTTP/1.1\nHost: Inventory:8080\nTraceparent: 00-aa\nConnection: close\n\n"
        )
    assert said.startswith(b"HTTP/1.1 200 OK")
    assert said.endswith(b"\r\n\r\n{}")
    (call,) = catcher.log.calls()
    assert (call.method, call.whom, call.path) == ("GET", "http://inventory:8080", "/items?q=1")
    assert call.header("traceparent") == "00-aa"
    assert call.peer == "172.18.0.3"


def test_a_proxy_is_told_the_whole_address(catcher):
    with connect(catcher, port=3128) as link:
        ask(link, "GET http://inventory:81/items HTTP/1.1\nHost: inventory:81\nConnection: close\n\n")
    (call,) = catcher.log.calls()
    assert (call.whom, call.path) == ("http://inventory:81", "/items")


def test_a_tunnel_leads_to_whom_it_is_for(catcher):
    context = ssl.create_default_context(cadata=catcher.authority.pem.decode())
    with connect(catcher, port=3128) as link:
        link.sendall(b"CONNECT api.example.com:8443 HTTP/1.1\r\nHost: api.example.com:8443\r\n\r\n")
        said = b""
        while b"\r\n\r\n" not in said:
            said += link.recv(100)
        assert said.startswith(b"HTTP/1.1 200")
        with context.wrap_socket(link, server_hostname="api.example.com") as secured:
            ask(secured, "GET /x HTTP/1.1\nHost: api.example.com:8443\nConnection: close\n\n")
    (call,) = catcher.log.calls()
    assert (call.whom, call.path) == ("https://api.example.com:8443", "/x")


def test_every_name_has_a_certificate_that_the_authority_vouches_for(catcher):
    context = ssl.create_default_context(cadata=catcher.authority.pem.decode())
    for name in ("inventory", "api.example.com"):
        with connect(catcher, port=443) as link, context.wrap_socket(link, server_hostname=name) as secured:
            ask(secured, f"GET / HTTP/1.1\nHost: {name}\nConnection: close\n\n")
    assert [call.whom for call in catcher.log.calls()] == [
        "https://inventory:443",
        "https://api.example.com:443",
    ]


def noted(catcher):
    """The first contact, as soon as the catcher's thread has noted it."""
    deadline = threading.Event()
    for _ in range(500):
        if catcher.log.contacts():
            return catcher.log.contacts()[0]
        deadline.wait(0.01)
    raise AssertionError("nothing was noted")


def test_who_trusts_others_is_noted_with_the_name(catcher):
    with connect(catcher, port=443) as link, pytest.raises(ssl.SSLError):
        ssl.create_default_context().wrap_socket(link, server_hostname="api.example.com")
    contact = noted(catcher)
    assert (str(contact), contact.why) == ("api.example.com:443", Unread.UNTRUSTED)


def test_another_protocol_is_noted_and_hung_up_on(catcher):
    with connect(catcher, port=7777) as link:
        link.sendall(b"\x00\x00\x00\x08\x04\xd2\x16\x2f")
        assert everything(link) == b""
    assert noted(catcher).why is Unread.NOT_HTTP


def test_who_waits_for_the_other_side_is_hung_up_on(catcher):
    with connect(catcher, port=7777) as link:
        assert everything(link) == b""
    assert noted(catcher).why is Unread.SILENT


def test_who_only_looks_whether_a_port_is_open_leaves_no_note(catcher):
    with connect(catcher) as link:
        link.shutdown(socket.SHUT_WR)
        assert everything(link) == b""
    assert catcher.log.contacts() == ()


def test_who_does_not_know_the_token_is_not_heard(catcher):
    with connect(catcher, token="wrong") as link:
        assert everything(link) == b""
    with connect(catcher, words="call 172.18.0.3 no-port") as link:
        assert everything(link) == b""
    assert catcher.log.calls() == ()


def test_the_relays_words_are_heard(catcher):
    with connect(catcher, words="control") as link:
        link.sendall(b"ready\nname inventory\nname inventory\nnonsense\n")
        assert catcher.ready.wait(10)
        opening = threading.Thread(target=catcher.open, args=((23456, 23457),))
        opening.start()
        assert link.recv(100) == b"open 23456 23457\n"
        assert opening.is_alive()
        link.sendall(b"opened\n")
        opening.join(10)
        assert not opening.is_alive()
    assert catcher.log.names() == ("inventory",)


def speak_http2(link, headers):
    """Send one request, and return the answer's headers and data."""
    connection = h2.connection.H2Connection(h2.config.H2Configuration(header_encoding="utf-8"))
    connection.initiate_connection()
    connection.send_headers(1, headers, end_stream=True)
    link.sendall(connection.data_to_send())
    fields, body = [], b""
    while True:
        for event in connection.receive_data(link.recv(65536)):
            if isinstance(event, (h2.events.ResponseReceived, h2.events.TrailersReceived)):
                fields += event.headers
            elif isinstance(event, h2.events.DataReceived):
                body += event.data
            elif isinstance(event, h2.events.StreamEnded):
                return dict(fields), body
        link.sendall(connection.data_to_send())


HEADERS = [(":method", "POST"), (":scheme", "http"), (":authority", "stock:50051"), (":path", "/S/Count")]


def test_a_remote_procedure_returns_an_empty_message(catcher):
    with connect(catcher, port=50051) as link:
        more = [("content-type", "application/grpc"), ("traceparent", "00-aa")]
        fields, body = speak_http2(link, HEADERS + more)
    assert (fields[":status"], fields["grpc-status"], body) == ("200", "0", bytes(5))
    (call,) = catcher.log.calls()
    assert (call.whom, call.path, call.header("traceparent")) == ("http://stock:50051", "/S/Count", "00-aa")


def test_any_other_call_by_http_2_is_answered_as_by_http_1(catcher):
    with connect(catcher) as link:
        fields, body = speak_http2(link, HEADERS)
    assert (fields[":status"], body) == ("200", b"{}")


@pytest.mark.parametrize(
    "said", [b"GET", b"PRI * HTTP/2.0\r\n\r\nXX", b"GET / HTTP/9.9\r\n\r\n", b"\x16\x03\x01garbage"]
)
def test_broken_clients_do_not_end_the_catcher(catcher, said):
    with connect(catcher) as link:
        link.sendall(said)
        link.shutdown(socket.SHUT_WR)
        everything(link)
    with connect(catcher) as link:
        assert ask(link, "GET / HTTP/1.1\nHost: a\nConnection: close\n\n").startswith(b"HTTP/1.1 200")
