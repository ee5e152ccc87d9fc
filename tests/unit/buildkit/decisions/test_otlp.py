import contextlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, ArrayValue, KeyValue, KeyValueList
from opentelemetry.proto.trace.v1 import trace_pb2

from buildkit.decisions import otlp
from buildkit.values.span import Event, Kind, Link, Scope, Span, Status

uint32 = st.integers(0, 2**32 - 1)
uint64 = st.integers(0, 2**64 - 1)
trace_ids = st.binary(min_size=16, max_size=16).filter(any).map(bytes.hex)
span_ids = st.binary(min_size=8, max_size=8).filter(any).map(bytes.hex)
texts = st.text(st.characters(codec="utf-8"), max_size=20)
scalars = (
    texts
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False)
    | st.binary(max_size=20)
    | st.none()
)
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3).map(tuple) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=6,
)
attributes = st.dictionaries(texts, values, max_size=4)
spans = st.builds(
    Span,
    trace_id=trace_ids,
    span_id=span_ids,
    parent_id=span_ids | st.just(""),
    name=texts,
    kind=st.sampled_from(Kind),
    start=uint64,
    end=uint64,
    attributes=attributes,
    status=st.sampled_from(Status),
    status_message=texts,
    events=st.lists(st.builds(Event, texts, uint64, attributes), max_size=2).map(tuple),
    links=st.lists(st.builds(Link, trace_ids, span_ids, attributes), max_size=2).map(tuple),
    trace_state=texts,
    flags=uint32,
    dropped_attributes=uint32,
    dropped_events=uint32,
    dropped_links=uint32,
    scope=st.builds(Scope, texts, texts, attributes),
    resource=attributes,
)


def any_value(value):
    match value:
        case bool():
            return AnyValue(bool_value=value)
        case str():
            return AnyValue(string_value=value)
        case int():
            return AnyValue(int_value=value)
        case float():
            return AnyValue(double_value=value)
        case bytes():
            return AnyValue(bytes_value=value)
        case tuple():
            return AnyValue(array_value=ArrayValue(values=[any_value(item) for item in value]))
        case None:
            return AnyValue()
        case _:
            return AnyValue(kvlist_value=KeyValueList(values=key_values(value)))


def key_values(mapping):
    return [KeyValue(key=key, value=any_value(value)) for key, value in mapping.items()]


def message_of(span):
    request = ExportTraceServiceRequest()
    resource_spans = request.resource_spans.add()
    resource_spans.resource.attributes.extend(key_values(span.resource))
    scope_spans = resource_spans.scope_spans.add()
    scope_spans.scope.name = span.scope.name
    scope_spans.scope.version = span.scope.version
    scope_spans.scope.attributes.extend(key_values(span.scope.attributes))
    scope_spans.spans.append(
        trace_pb2.Span(
            trace_id=bytes.fromhex(span.trace_id),
            span_id=bytes.fromhex(span.span_id),
            parent_span_id=bytes.fromhex(span.parent_id),
            name=span.name,
            kind=span.kind,
            start_time_unix_nano=span.start,
            end_time_unix_nano=span.end,
            attributes=key_values(span.attributes),
            status=trace_pb2.Status(code=span.status, message=span.status_message),
            events=[
                trace_pb2.Span.Event(name=e.name, time_unix_nano=e.time, attributes=key_values(e.attributes))
                for e in span.events
            ],
            links=[
                trace_pb2.Span.Link(
                    trace_id=bytes.fromhex(link.trace_id),
                    span_id=bytes.fromhex(link.span_id),
                    attributes=key_values(link.attributes),
                )
                for link in span.links
            ],
            trace_state=span.trace_state,
            flags=span.flags,
            dropped_attributes_count=span.dropped_attributes,
            dropped_events_count=span.dropped_events,
            dropped_links_count=span.dropped_links,
        )
    )
    return request


def json_value(value):
    """OTLP's JSON, written by hand: what json_format prints is not OTLP (base64 ids, enum names)."""
    import base64

    match value:
        case bool():
            return {"boolValue": value}
        case str():
            return {"stringValue": value}
        case int():
            return {"intValue": str(value)}
        case float() if value in (float("inf"), float("-inf")):
            return {"doubleValue": "Infinity" if value > 0 else "-Infinity"}
        case float():
            return {"doubleValue": value}
        case bytes():
            return {"bytesValue": base64.b64encode(value).decode()}
        case tuple():
            return {"arrayValue": {"values": [json_value(item) for item in value]}}
        case None:
            return {}
        case _:
            return {"kvlistValue": {"values": json_pairs(value)}}


def json_pairs(mapping):
    return [{"key": key, "value": json_value(value)} for key, value in mapping.items()]


def json_of(span):
    return {
        "resourceSpans": [
            {
                "resource": {"attributes": json_pairs(span.resource)},
                "scopeSpans": [
                    {
                        "scope": {
                            "name": span.scope.name,
                            "version": span.scope.version,
                            "attributes": json_pairs(span.scope.attributes),
                        },
                        "spans": [
                            {
                                "traceId": span.trace_id.upper(),
                                "spanId": span.span_id,
                                "parentSpanId": span.parent_id,
                                "name": span.name,
                                "kind": int(span.kind),
                                "startTimeUnixNano": str(span.start),
                                "endTimeUnixNano": span.end,
                                "attributes": json_pairs(span.attributes),
                                "status": {"code": int(span.status), "message": span.status_message},
                                "events": [
                                    {
                                        "name": e.name,
                                        "timeUnixNano": str(e.time),
                                        "attributes": json_pairs(e.attributes),
                                    }
                                    for e in span.events
                                ],
                                "links": [
                                    {
                                        "traceId": link.trace_id,
                                        "spanId": link.span_id,
                                        "attributes": json_pairs(link.attributes),
                                    }
                                    for link in span.links
                                ],
                                "traceState": span.trace_state,
                                "flags": span.flags,
                                "droppedAttributesCount": span.dropped_attributes,
                                "droppedEventsCount": span.dropped_events,
                                "droppedLinksCount": span.dropped_links,
                                "aFieldOfTheFuture": {"is": "ignored"},
                            }
                        ],
                    }
                ],
            }
        ]
    }


@given(spans)
def test_a_span_survives_protobuf(span):
    assert otlp.decode(message_of(span).SerializeToString(), content_type=otlp.PROTOBUF) == (span,)


@given(spans)
def test_a_span_survives_otlps_json(span):
    assert otlp.decode(json.dumps(json_of(span)).encode(), content_type=otlp.JSON) == (span,)


@given(st.binary(max_size=200), st.sampled_from([otlp.PROTOBUF, otlp.JSON]))
def test_no_bytes_raise_anything_but_garbage(body, content_type):
    with contextlib.suppress(otlp.GarbageError):
        otlp.decode(body, content_type=content_type)


json_documents = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["resourceSpans", "scopeSpans", "spans", "links", "traceId", "kind", "x"]),
            inner,
            max_size=3,
        )
    ),
    max_leaves=10,
)


@given(json_documents)
def test_no_json_raises_anything_but_garbage(document):
    with contextlib.suppress(otlp.GarbageError):
        otlp.decode(json.dumps(document).encode(), content_type=otlp.JSON)


def test_json_nested_without_end_is_garbage():
    with pytest.raises(otlp.GarbageError):
        otlp.decode(b"[" * 200_000, content_type=otlp.JSON)


@pytest.mark.parametrize(
    ("field", "value"), [("trace_id", b"\0" * 16), ("trace_id", b"\1" * 15), ("span_id", b"")]
)
def test_an_id_of_wrong_length_or_all_zero_is_garbage(field, value):
    request = message_of(Span(trace_id="01" * 16, span_id="02" * 8, parent_id="", name="x"))
    setattr(request.resource_spans[0].scope_spans[0].spans[0], field, value)
    with pytest.raises(otlp.GarbageError, match=field):
        otlp.decode(request.SerializeToString(), content_type=otlp.PROTOBUF)


def test_ids_in_base64_are_not_otlps_json():
    document = json_of(Span(trace_id="01" * 16, span_id="02" * 8, parent_id="", name="x"))
    document["resourceSpans"][0]["scopeSpans"][0]["spans"][0]["traceId"] = "AQEBAQEBAQEBAQEBAQEBAQ=="
    with pytest.raises(otlp.GarbageError, match="traceId is not a hex string"):
        otlp.decode(json.dumps(document).encode(), content_type=otlp.JSON)


def test_the_source_is_kept_with_the_span():
    message = message_of(Span(trace_id="01" * 16, span_id="02" * 8, parent_id="", name="x"))
    (span,) = otlp.decode(message.SerializeToString(), content_type=otlp.PROTOBUF, source="shop")
    assert span.source == "shop"


def test_success_is_a_response_without_partial_success():
    assert ExportTraceServiceResponse.FromString(otlp.success(otlp.PROTOBUF)) == ExportTraceServiceResponse()
    assert json.loads(otlp.success(otlp.JSON)) == {}


def test_a_refusal_is_a_google_rpc_status():
    assert json.loads(otlp.refusal(otlp.JSON, "no")) == {"code": 3, "message": "no"}
    assert otlp.refusal(otlp.PROTOBUF, "no") == b"\x08\x03\x12\x02no"
    long = otlp.refusal(otlp.PROTOBUF, "x" * 300)
    assert long == b"\x08\x03\x12\xac\x02" + b"x" * 300
