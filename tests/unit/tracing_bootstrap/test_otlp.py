"""What we encode, OpenTelemetry's own protobuf classes read back."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from tracing_bootstrap.recorder import clock, otlp, protobuf
from tracing_bootstrap.recorder.span import CLIENT, ERROR, INTERNAL, SERVER, Limits, Span

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
SPAN = "00f067aa0ba902b7"
PARENT = "b7ad6b7169203331"

texts = st.text(st.characters(codec="utf-8"), max_size=50)
integers = st.integers(-(2**63), 2**63 - 1)
scalars = texts | st.booleans() | integers | st.floats(allow_nan=False) | st.binary(max_size=20)
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=8,
)


def make(name="work", kind=INTERNAL, *, parent="", on_end=lambda span: None, **kwargs):
    span = Span(name, kind, TRACE, SPAN, parent, 1, "", "", on_end)
    for key, value in kwargs.items():
        setattr(span, key, value)
    return span


def decode(*spans):
    payload = otlp.encode(
        spans,
        resource=otlp.encode_resource({"service.name": "shop", "process.pid": 7}),
        own_scope=otlp.encode_scope("ours", "1"),
    )
    request = ExportTraceServiceRequest()
    request.ParseFromString(payload)
    return request


def only_span(span):
    (resource_spans,) = decode(span).resource_spans
    (scope_spans,) = resource_spans.scope_spans
    (decoded,) = scope_spans.spans
    return decoded


def plain(value):
    match value.WhichOneof("value"):
        case "array_value":
            return [plain(item) for item in value.array_value.values]
        case "kvlist_value":
            return {pair.key: plain(pair.value) for pair in value.kvlist_value.values}
        case None:
            return None
        case which:
            return getattr(value, which)


def attributes(decoded):
    return {pair.key: plain(pair.value) for pair in decoded.attributes}


def as_read_back(value):
    if isinstance(value, (list, tuple)):
        return [as_read_back(item) for item in value]
    if isinstance(value, dict):
        return {key: as_read_back(item) for key, item in value.items()}
    return value


def test_ids_name_kind_times_and_flags_arrive():
    offset = clock.offset()
    span = make("GET /x", SERVER, parent=PARENT, parent_remote=True, tracestate="a=1")
    span.end()
    decoded = only_span(span)
    assert decoded.trace_id.hex() == TRACE
    assert decoded.span_id.hex() == SPAN
    assert decoded.parent_span_id.hex() == PARENT
    assert decoded.name == "GET /x"
    assert decoded.kind == decoded.SPAN_KIND_SERVER
    assert decoded.trace_state == "a=1"
    assert decoded.flags == 0x301
    assert decoded.end_time_unix_nano - decoded.start_time_unix_nano == span.end_ns - span.start_ns
    assert abs(decoded.start_time_unix_nano - span.start_ns - offset) < 1_000_000_000


def test_a_local_parent_is_not_called_remote():
    assert only_span(make(kind=CLIENT, parent=PARENT)).flags == 0x101


def test_resource_and_scope_arrive():
    (resource_spans,) = decode(make()).resource_spans
    assert {pair.key: plain(pair.value) for pair in resource_spans.resource.attributes} == {
        "service.name": "shop",
        "process.pid": 7,
    }
    assert resource_spans.scope_spans[0].scope.name == "ours"
    assert resource_spans.scope_spans[0].scope.version == "1"
    assert resource_spans.schema_url.startswith("https://opentelemetry.io/schemas/")


def test_spans_of_another_scope_are_grouped_under_it():
    (resource_spans,) = decode(make(), make(scope=("shop.cart", "2")), make()).resource_spans
    found = {scope.scope.name: len(scope.spans) for scope in resource_spans.scope_spans}
    assert found == {"ours": 2, "shop.cart": 1}


def test_status_and_error_message_arrive():
    span = make()
    span.set_status(ERROR, "out of stock")
    decoded = only_span(span)
    assert decoded.status.code == decoded.status.STATUS_CODE_ERROR
    assert decoded.status.message == "out of stock"


def test_an_exception_is_an_event_with_its_type_message_and_stack():
    span = make()
    try:
        raise ValueError("no such product")
    except ValueError as exc:
        span.fail(exc)
    decoded = only_span(span)
    (event,) = decoded.events
    assert event.name == "exception"
    found = attributes(event)
    assert found["exception.type"] == "ValueError"
    assert found["exception.message"] == "no such product"
    assert "test_otlp.py" in found["exception.stacktrace"]
    assert attributes(decoded)["error.type"] == "ValueError"


def test_a_link_arrives_with_its_attributes():
    from opentelemetry.trace import SpanContext, TraceFlags

    span = make()
    span.add_link(
        SpanContext(int(TRACE, 16), int(PARENT, 16), is_remote=True, trace_flags=TraceFlags(1)),
        {"why": "queue"},
    )
    (link,) = only_span(span).links
    assert link.trace_id.hex() == TRACE
    assert link.span_id.hex() == PARENT
    assert attributes(link) == {"why": "queue"}
    assert link.flags & 1 == 1


@given(st.dictionaries(st.text(st.characters(codec="utf-8"), min_size=1, max_size=20), values, max_size=6))
def test_every_attribute_value_is_read_back(given_attributes):
    span = make()
    span.set_attributes(given_attributes)
    assert attributes(only_span(span)) == as_read_back(given_attributes)


@given(st.text(), st.text(), st.integers(0, 2**63 - 1))
def test_cached_attributes_are_read_back_too(key, value, number):
    class Described(Span):
        __slots__ = ()

        def describe(self):
            return [protobuf.string_attribute(key, value), protobuf.integer_attribute("i", number)]

    decoded = only_span(Described("", SERVER, TRACE, SPAN, "", 1, "", "", None))
    read = {pair.key: plain(pair.value) for pair in decoded.attributes}
    assert read["i"] == number or key == "i"
    assert value.encode("utf-8", "replace").decode() in read.values() or key == "i"


def test_true_and_one_stay_apart():
    assert attributes(only_span(make(attributes={"a": True, "b": 1, "c": 1.0}))) == {
        "a": True,
        "b": 1,
        "c": 1.0,
    }


def test_values_that_have_no_encoding_are_left_out_and_cost_nothing_else():
    found = attributes(
        only_span(make(attributes={"bad": object(), "nan": math.nan, 7: "key", "big": 2**70, "ok": 1}))
    )
    assert "bad" not in found
    assert math.isnan(found.pop("nan"))
    assert found == {"big": str(2**70), "ok": 1}


def test_a_list_that_contains_itself_ends():
    endless = []
    endless.append(endless)
    assert "a" in attributes(only_span(make(attributes={"a": endless})))


def test_one_span_that_cannot_be_encoded_costs_no_other(monkeypatch, capfd):
    monkeypatch.delenv("TRACING_BOOTSTRAP_STRICT", raising=False)
    (resource_spans,) = decode(make(), make(start_ns="yesterday"), make()).resource_spans
    assert len(resource_spans.scope_spans[0].spans) == 2
    assert "could not be encoded" in capfd.readouterr().err


def test_limits_hold_and_what_they_cut_is_counted(monkeypatch):
    monkeypatch.setattr(Limits, "attributes", 2)
    monkeypatch.setattr(Limits, "events", 1)
    monkeypatch.setattr(Limits, "links", 0)
    monkeypatch.setattr(Limits, "event_attributes", 1)
    monkeypatch.setattr(Limits, "value_length", 3)
    from opentelemetry.trace import SpanContext

    span = make()
    span.set_attributes({"a": "long value", "b": 1, "c": 2})
    span.add_event("one", {"x": 1, "y": 2})
    span.add_event("two")
    span.add_link(SpanContext(1, 1, is_remote=False))
    decoded = only_span(span)
    assert attributes(decoded) == {"a": "lon", "b": 1}
    assert decoded.dropped_attributes_count == 1
    assert decoded.dropped_events_count == 1
    assert decoded.dropped_links_count == 1
    assert decoded.events[0].dropped_attributes_count == 1


@pytest.mark.parametrize("number", [0, 1, 127, 128, 300, 2**32, 2**64 - 1])
def test_varints_are_read_back(number):
    span = make(attributes={"n": number if number < 2**63 else number - 2**64})
    assert attributes(only_span(span))["n"] % 2**64 == number


def test_memory_does_not_grow_with_the_values_seen():
    for n in range(10_000):
        protobuf.string_attribute("user_agent.original", f"agent {n}")
        protobuf.integer_attribute("network.peer.port", n)
    assert len(protobuf._strings) <= 2_048
    assert len(protobuf._integers) <= 2_048
