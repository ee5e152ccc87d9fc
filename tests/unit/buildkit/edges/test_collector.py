import gzip
import http.client
import json
import socket
import threading

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from buildkit.edges import http_server
from buildkit.edges.collector.server import collector
from buildkit.edges.collector.store import SpanStore
from buildkit.values.span import Span

PROTOBUF = {"Content-Type": "application/x-protobuf"}
JSON = {"Content-Type": "application/json"}


def span(number=1):
    return Span(trace_id="01" * 16, span_id=f"{number:016x}", parent_id="", name=f"span {number}")


def export_request(*names):
    request = ExportTraceServiceRequest()
    scope = request.resource_spans.add().scope_spans.add()
    for number, name in enumerate(names, 1):
        scope.spans.add(trace_id=b"\1" * 16, span_id=number.to_bytes(8), name=name)
    return request.SerializeToString()


@pytest.fixture
def store():
    return SpanStore()


@pytest.fixture
def server(store):
    with collector(store) as running:
        yield running


@pytest.fixture
def post(server):
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)

    def send(body, headers, path="/v1/traces", method="POST"):
        connection.request(method, path, body, headers)
        response = connection.getresponse()
        return response.status, response.headers["Content-Type"], response.read()

    yield send
    connection.close()


def test_protobuf_is_taken_and_answered_in_protobuf(post, store):
    assert post(export_request("a", "b"), PROTOBUF) == (200, "application/x-protobuf", b"")
    assert [span.name for span in store.spans()] == ["a", "b"]


def test_json_is_taken_and_answered_in_json(post, store):
    sent = {"traceId": "01" * 16, "spanId": "02" * 8, "name": "a", "kind": 2}
    body = json.dumps({"resourceSpans": [{"scopeSpans": [{"spans": [sent]}]}]}).encode()
    assert post(body, {"Content-Type": "application/json; charset=utf-8"}) == (200, "application/json", b"{}")
    assert store.spans()[0].span_id == "02" * 8


def test_gzip_is_unpacked(post, store):
    status, _, _ = post(gzip.compress(export_request("a")), PROTOBUF | {"Content-Encoding": "gzip"})
    assert status == 200
    assert len(store.spans()) == 1


def test_chunks_are_put_together(post, store):
    body = export_request("a" * 100)
    status, _, _ = post(iter([body[:10], body[10:]]), PROTOBUF)
    assert status == 200
    assert store.spans()[0].name == "a" * 100


def test_an_endpoint_with_a_name_in_its_path_names_the_source(post, store):
    post(export_request("a"), PROTOBUF, path="/from/shop/v1/traces")
    assert store.spans()[0].source == "shop"


def test_garbage_is_a_bad_request_with_a_status_in_the_same_encoding(post, store):
    status, content_type, body = post(b"\xff\xff\xff", PROTOBUF)
    assert (status, content_type) == (400, "application/x-protobuf")
    assert b"ExportTraceServiceRequest" in body
    status, content_type, body = post(b"{", JSON)
    assert (status, content_type) == (400, "application/json")
    assert json.loads(body)["code"] == 3
    assert store.spans() == ()


@pytest.mark.parametrize("body", [b"not gzip", gzip.compress(b"x" * 1000, mtime=0)[:-9], b""])
def test_broken_gzip_is_a_bad_request(post, body):
    assert post(body, PROTOBUF | {"Content-Encoding": "gzip"})[0] == 400


def test_another_content_type_or_encoding_is_unsupported(post):
    assert post(b"x", {"Content-Type": "text/plain"})[0] == 415
    assert post(b"x", PROTOBUF | {"Content-Encoding": "br"})[0] == 415


def test_another_path_is_not_found_and_another_method_is_not_allowed(post):
    assert post(b"", PROTOBUF, path="/v1/metrics")[0] == 404
    assert post(b"", PROTOBUF, method="GET")[0] == 405


def test_a_body_that_says_it_is_too_large_is_refused_before_it_is_read(server):
    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as client:
        client.sendall(
            b"POST /v1/traces HTTP/1.1\r\nContent-Type: application/x-protobuf\r\n"
            b"Content-Length: 99999999999\r\n\r\n"
        )
        assert client.recv(100).startswith(b"HTTP/1.1 413")


@pytest.mark.parametrize("size", [b"-5", b"fffffffff", b"no"])
def test_a_hostile_chunk_size_is_refused(server, size):
    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as client:
        client.sendall(b"POST /v1/traces HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n" + size + b"\r\n")
        assert client.recv(100).startswith(b"HTTP/1.1 4")


def test_a_gzip_bomb_is_refused(post, monkeypatch):
    monkeypatch.setattr(http_server, "MAX_UNPACKED", 10_000)
    assert post(gzip.compress(b"\0" * 20_000), PROTOBUF | {"Content-Encoding": "gzip"})[0] == 413


def test_waiting_ends_when_the_wanted_span_arrives(store):
    threading.Timer(0.05, store.add, [[span(7)]]).start()
    assert store.wait_for(lambda spans: any(s.name == "span 7" for s in spans), timeout=30)


def test_waiting_ends_at_its_deadline(store):
    assert not store.wait_for(bool, timeout=0.01)


def test_waiting_looks_again_when_it_is_woken(store):
    over = threading.Event()

    def end():
        over.set()
        store.wake()

    threading.Timer(0.05, end).start()
    assert store.wait_for(lambda spans: over.is_set(), timeout=30)


def test_a_full_store_refuses_and_counts():
    store = SpanStore(limit=2)
    store.add([span(1), span(2), span(3)])
    assert len(store.spans()) == 2
    assert store.refused == 1
