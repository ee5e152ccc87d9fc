"""The sink counts what it is sent, by side; and it is a service that answers."""

import gzip
import urllib.request

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from tests.bench.backend import Backend


@pytest.fixture(scope="module")
def backend():
    with Backend() as running:
        yield running


def export(url, *, spans, compress=False):
    request = ExportTraceServiceRequest()
    scope = request.resource_spans.add().scope_spans.add()
    for _ in range(spans):
        scope.spans.add(name="x")
    body = request.SerializeToString()
    headers = {"Content-Type": "application/x-protobuf"}
    if compress:
        body, headers["Content-Encoding"] = gzip.compress(body), "gzip"
    with urllib.request.urlopen(urllib.request.Request(url, body, headers)) as answer:
        assert answer.status == 200


def test_spans_are_counted_by_side(backend):
    export(f"{backend.url}/left/v1/traces", spans=3)
    export(f"{backend.url}/right/v1/traces", spans=2)
    export(f"{backend.url}/left/v1/traces", spans=1, compress=True)
    assert backend.spans("left", at_least=4) == 4
    assert backend.spans("right", at_least=2) == 2
    assert backend.spans("nobody") == 0


def test_any_other_request_is_answered_like_a_service(backend):
    with urllib.request.urlopen(f"{backend.url}/stock/apples") as answer:
        assert answer.read() == b"17 in stock"
