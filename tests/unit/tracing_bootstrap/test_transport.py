import gzip
import socket
import ssl
import subprocess
import sys
import time

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTracePartialSuccess,
    ExportTraceServiceResponse,
)

from tests.unit.tracing_bootstrap.sink import RawSink, Sink, answering, refusing_url, silent
from tracing_bootstrap import settings
from tracing_bootstrap.recorder.answer import LOST, RETRY, SENT
from tracing_bootstrap.recorder.transport import Transport


class Sender:
    def __init__(self, url, **environ):
        environ.setdefault("OTEL_EXPORTER_OTLP_ENDPOINT", url)
        self.transport = Transport(settings.read(environ))

    def __call__(self, payload=b"spans", *, seconds=5.0):
        return self.transport.send(self.transport.pack(payload), deadline=time.monotonic() + seconds)

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        self.transport.close()


def test_a_payload_is_posted_to_the_path_for_traces():
    with Sink() as sink, Sender(sink.url) as send:
        assert send(b"\x00payload").verdict == SENT
        (request,) = sink.requests
        assert request.path == "/v1/traces"
        assert request.body == b"\x00payload"
        assert request.headers["content-type"] == "application/x-protobuf"
        assert request.headers["Host"] == sink.url.removeprefix("http://")
        assert request.headers["user-agent"].startswith("tracing-bootstrap-otlp-exporter-python/")
        assert "content-encoding" not in request.headers


def test_an_endpoint_for_traces_keeps_its_path_and_query():
    with Sink() as sink, Sender("", OTEL_EXPORTER_OTLP_TRACES_ENDPOINT=f"{sink.url}/a/b?c=d") as send:
        send()
        assert sink.requests[0].path == "/a/b?c=d"


def test_headers_are_sent_and_cannot_break_the_framing():
    headers = "Authorization=Bearer%20x,user-agent=mine,content-length=1,host=other,content-type=text/plain"
    with Sink() as sink, Sender(sink.url, OTEL_EXPORTER_OTLP_HEADERS=headers) as send:
        assert send(b"spans").verdict == SENT
        (request,) = sink.requests
        assert request.headers["authorization"] == "Bearer x"
        assert request.headers["user-agent"] == "mine"
        assert request.headers["content-type"] == "application/x-protobuf"
        assert request.headers["Host"] != "other"
        assert request.body == b"spans"


def test_credentials_in_the_endpoint_become_basic_authorization():
    with Sink() as sink, Sender(sink.url.replace("//", "//us%40er:p%3Aw@")) as send:
        send()
        assert sink.requests[0].headers["authorization"] == "Basic dXNAZXI6cDp3"


def test_a_payload_is_compressed_when_asked_for():
    payload = b"span " * 1000
    with Sink() as sink, Sender(sink.url, OTEL_EXPORTER_OTLP_COMPRESSION="gzip") as send:
        assert send(payload).verdict == SENT
        (request,) = sink.requests
        assert request.headers["content-encoding"] == "gzip"
        assert len(request.body) < len(payload) / 10
        assert gzip.decompress(request.body) == payload


def test_the_connection_is_kept():
    with Sink() as sink, Sender(sink.url) as send:
        for _ in range(3):
            assert send().verdict == SENT
        assert len({request.connection for request in sink.requests}) == 1


@pytest.mark.parametrize(
    ("headers", "content"),
    [
        ({"Connection": "close"}, b"x"),
        ({"Transfer-Encoding": "chunked"}, b"3;a=b\r\nabc\r\n2\r\nde\r\n0\r\nTrailer: x\r\n\r\n"),
        ({}, b"x" * 200_000),
    ],
)
def test_any_framing_of_an_answer_leaves_a_transport_that_works(headers, content):
    with Sink((200, headers, content), (503, headers, content)) as sink, Sender(sink.url) as send:
        assert [send().verdict for _ in range(3)] == [SENT, RETRY, SENT]
        assert len(sink.requests) == 3


def test_a_connection_that_the_collector_closed_while_idle_is_replaced_unnoticed():
    with Sink() as sink, Sender(sink.url) as send:
        assert send().verdict == SENT
        sink.drop_connections()
        assert send().verdict == SENT
        assert len(sink.requests) == 2


def test_a_status_is_judged_with_its_headers():
    with Sink((429, {"Retry-After": "3"}, b"slow down"), (400, {}, b"bad")) as sink, Sender(sink.url) as send:
        first, second = send(), send()
        assert (first.verdict, first.cause, first.delay_s) == (RETRY, "http_429", 3.0)
        assert (second.verdict, second.cause, second.detail) == (LOST, "http_400", "answered 400")


def test_a_redirect_is_not_followed():
    with (
        Sink() as other,
        Sink((307, {"Location": f"{other.url}/v1/traces"}, b"")) as sink,
        Sender(sink.url) as send,
    ):
        outcome = send()
        assert (outcome.verdict, outcome.cause) == (LOST, "http_307")
        assert other.requests == []


def test_rejected_spans_are_counted():
    body = ExportTraceServiceResponse(partial_success=ExportTracePartialSuccess(rejected_spans=4))
    answer = (200, {"Content-Type": "application/x-protobuf"}, body.SerializeToString())
    with Sink(answer) as sink, Sender(sink.url) as send:
        assert send().rejected == 4


def test_a_collector_that_refuses_is_worth_another_try():
    with Sender(refusing_url()) as send:
        outcome = send()
        assert (outcome.verdict, outcome.cause) == (RETRY, "unreachable")
        assert "refused" in outcome.detail


def test_a_name_that_does_not_resolve_is_worth_another_try():
    with Sender("http://collector.invalid:4318") as send:
        assert send().cause == "unreachable"


@pytest.mark.parametrize(
    "content",
    [
        b"\x16\x03\x01garbage\r\n",
        b"220 smtp ready\r\n",
        b"HTTP/1.1 abc\r\n\r\n",
        b"HTTP/1.1 200",
        b"x" * 200_000,
    ],
)
def test_garbage_loses_the_batch_without_another_try(content):
    with RawSink(answering(content)) as sink, Sender(sink.url) as send:
        outcome = send()
        assert (outcome.verdict, outcome.cause) == (LOST, "bad_answer")


def test_a_connection_closed_without_an_answer_is_worth_another_try():
    with RawSink(answering(b"")) as sink, Sender(sink.url) as send:
        assert send().cause == "unreachable"


def test_interim_answers_are_skipped():
    content = (
        b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 503 Busy\r\n\r\n"
    )
    with RawSink(answering(content)) as sink, Sender(sink.url) as send:
        assert send().cause == "http_503"


def test_an_answer_that_never_comes_ends_at_the_deadline():
    with RawSink(silent) as sink, Sender(sink.url) as send:
        started = time.monotonic()
        outcome = send(seconds=0.2)
        assert (outcome.verdict, outcome.cause) == (RETRY, "timeout")
        assert 0.15 < time.monotonic() - started < 1


def test_the_timeout_of_the_settings_ends_a_try_before_the_deadline():
    with RawSink(silent) as sink, Sender(sink.url, OTEL_EXPORTER_OTLP_TIMEOUT="150") as send:
        started = time.monotonic()
        assert send(seconds=30).cause == "timeout"
        assert time.monotonic() - started < 1


def test_an_answer_that_drips_ends_at_the_deadline_too():
    def drip(connection, release):
        connection.recv(65536)
        connection.sendall(b"HTTP/1.1 200 OK\r\n")
        while not release.wait(0.02):
            connection.sendall(b"X-Drip: 1\r\n")

    with RawSink(drip) as sink, Sender(sink.url) as send:
        started = time.monotonic()
        assert send(seconds=0.3).cause == "timeout"
        assert time.monotonic() - started < 1


def test_a_collector_that_answers_before_it_has_read_the_body_is_heard():
    def refuse(connection, release):
        connection.recv(1024)
        connection.sendall(b"HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\n\r\n")
        connection.shutdown(socket.SHUT_WR)
        while connection.recv(65536):
            pass

    with RawSink(refuse) as sink, Sender(sink.url) as send:
        assert send(b"x" * 5_000_000).cause == "http_413"


def test_nothing_listens_to_a_deadline_that_has_passed():
    with Sink() as sink, Sender(sink.url) as send:
        assert send(seconds=-1).cause == "timeout"
        assert sink.requests == []


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tls")
    cert, key = folder / "cert.pem", folder / "key.pem"
    command = (
        "openssl req -x509 -nodes -days 2 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 "
        f"-subj /CN=collector -addext subjectAltName=IP:127.0.0.1 -keyout {key} -out {cert}"
    )
    subprocess.run(command.split(), check=True, capture_output=True)
    return str(cert), str(key)


def server_context(certificate, *, mutual=False):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate)
    if mutual:
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_verify_locations(certificate[0])
    return context


def test_https_checks_the_collectors_certificate(certificate):
    with Sink(context=server_context(certificate)) as sink:
        with Sender(sink.url) as send:
            assert send().cause == "unreachable"
        with Sender(sink.url, OTEL_EXPORTER_OTLP_CERTIFICATE=certificate[0]) as send:
            assert [send().verdict for _ in range(2)] == [SENT, SENT]
        assert len({request.connection for request in sink.requests}) == 1


def test_https_shows_the_clients_certificate(certificate):
    with Sink(context=server_context(certificate, mutual=True)) as sink:
        environ = {"OTEL_EXPORTER_OTLP_CERTIFICATE": certificate[0]}
        with Sender(sink.url, **environ) as send:
            assert send().verdict == RETRY
        environ["OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE"], environ["OTEL_EXPORTER_OTLP_CLIENT_KEY"] = (
            certificate
        )
        with Sender(sink.url, **environ) as send:
            assert send().verdict == SENT


def test_a_certificate_file_that_is_missing_is_a_failure_like_any_other():
    with Sender("https://127.0.0.1:1", OTEL_EXPORTER_OTLP_CERTIFICATE="/nowhere/ca.pem") as send:
        assert send().cause == "unreachable"


def test_plain_http_needs_neither_ssl_nor_http_client():
    with Sink() as sink:
        code = (
            "import sys, time\n"
            "from tracing_bootstrap import settings\n"
            "from tracing_bootstrap.recorder.transport import Transport\n"
            "assert 'socket' not in sys.modules\n"
            f"transport = Transport(settings.read({{'OTEL_EXPORTER_OTLP_ENDPOINT': {sink.url!r}}}))\n"
            "print(transport.send(transport.pack(b''), deadline=time.monotonic() + 5).verdict)\n"
            "print([name for name in ('ssl', 'http.client', 'email', 'urllib') if name in sys.modules])\n"
            "transport.close()\n"
        )
        result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
        assert result.stdout == "sent\n[]\n"
