"""Which name and attributes a gRPC call's span has."""

import enum

import pytest
from opentelemetry.proto.trace.v1.trace_pb2 import ScopeSpans

from tracing_bootstrap.instrumentation import rpc_span
from tracing_bootstrap.instrumentation.rpc_span import RpcClientSpan, RpcServerSpan
from tracing_bootstrap.recorder import otlp
from tracing_bootstrap.recorder.span import CLIENT

TRACE, SPAN = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"


class Code(enum.Enum):
    """As grpc.StatusCode is made."""

    OK = (0, "ok")
    NOT_FOUND = (5, "not found")


def described(span):
    ended = []
    span.on_end = ended.append
    span.end()
    scope = ScopeSpans()
    scope.ParseFromString(otlp.encode_span(span, 0))
    (decoded,) = scope.spans
    attributes = {pair.key: pair.value.string_value or pair.value.int_value for pair in decoded.attributes}
    return decoded, attributes


def called(code, target="dns:///shop:50051"):
    span = RpcClientSpan("", CLIENT, TRACE, SPAN, "", 1, "", "", lambda _: None)
    span.method, span.target, span.code = b"/company.Shop/Price", target, code
    return described(span)


def served(code, peer="ipv4:10.0.0.7:4711"):
    span = RpcServerSpan(TRACE, SPAN, 1, "", "", lambda _: None)
    span.call, span.code = (b"/company.Shop/Price", b"shop:50051", peer), code
    return described(span)


def test_a_call_is_named_by_its_method():
    span, attributes = called(Code.OK)
    assert (span.name, span.kind) == ("company.Shop/Price", 3)
    assert attributes == {
        "rpc.system": "grpc",
        "rpc.service": "company.Shop",
        "rpc.method": "Price",
        "server.address": "shop",
        "server.port": 50051,
        "rpc.grpc.status_code": 0,
    }
    assert span.status.code == 0


def test_any_code_but_ok_is_an_error_of_the_call():
    span, attributes = called(Code.NOT_FOUND)
    assert (span.status.code, attributes["error.type"]) == (2, "NOT_FOUND")


@pytest.mark.parametrize(
    ("code", "error"), [(0, None), (1, None), (5, None), (2, "UNKNOWN"), (14, "UNAVAILABLE"), (16, None)]
)
def test_a_caller_s_mistake_is_no_error_of_the_server(code, error):
    span, attributes = served(code)
    assert attributes.get("error.type") == error
    assert span.status.code == (2 if error else 0)


def test_a_server_knows_who_called():
    _, attributes = served(0)
    assert attributes["server.address"] == "shop"
    assert (attributes["client.address"], attributes["network.peer.port"]) == ("10.0.0.7", 4711)
    _, attributes = served(0, peer="ipv6:%5B::1%5D:4711")
    assert (attributes["network.peer.address"], attributes["network.peer.port"]) == ("::1", 4711)


def test_a_call_without_a_code_has_none():
    span, attributes = called(None)
    assert "rpc.grpc.status_code" not in attributes
    assert span.status.code == 0


@pytest.mark.parametrize(
    ("target", "address"),
    [
        ("shop:50051", ("shop", 50051)),
        ("shop", ("shop", None)),
        ("dns:shop:50051", ("shop", 50051)),
        ("dns:///shop:50051", ("shop", 50051)),
        ("dns://8.8.8.8/shop:50051", ("shop", 50051)),
        ("ipv4:10.0.0.7:443", ("10.0.0.7", 443)),
        ("ipv6:[::1]:443", ("::1", 443)),
        ("unix:/run/shop.sock", ("/run/shop.sock", None)),
        ("unix:///run/shop.sock", ("/run/shop.sock", None)),
        ("unix-abstract:shop", ("shop", None)),
        ("", ("", None)),
    ],
)
def test_targets_are_split_as_grpc_names_them(target, address):
    assert rpc_span.split_address(target) == address
