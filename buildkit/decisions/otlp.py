"""What spans does an OTLP export request hold, and how is it answered?

Follows the OTLP specification 1.x (https://opentelemetry.io/docs/specs/otlp/): binary protobuf, and the
JSON Protobuf encoding with OTLP's own deviations (ids in hex instead of base64, enums only as integers,
unknown fields ignored).
"""

from __future__ import annotations

import base64
import json
import re
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from google.protobuf import json_format
from google.protobuf.message import DecodeError
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from buildkit.values.span import Attributes, AttributeValue, Event, Kind, Link, Scope, Span, Status

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue
    from opentelemetry.proto.trace.v1 import trace_pb2

PROTOBUF = "application/x-protobuf"
JSON = "application/json"

INVALID_ARGUMENT = 3  # google.rpc.Code
_ID_FIELDS = ("traceId", "spanId", "parentSpanId")
_HEX = re.compile(r"(?:[0-9a-fA-F]{2})*")
_KINDS = {kind.value: kind for kind in Kind}
_STATUSES = {status.value: status for status in Status}


class GarbageError(ValueError):
    """The body is not an export request; its text says why, for the sender."""


def decode(body: bytes, *, content_type: str, source: str = "") -> tuple[Span, ...]:
    """Read the spans of an ExportTraceServiceRequest.

    Args:
        body: the request's body, decompressed.
        content_type: PROTOBUF or JSON.
        source: kept with each span, see `Span.source`.

    Raises:
        GarbageError: the body is not such a message, or a span's ids have a wrong length.
    """
    request = _from_json(body) if content_type == JSON else _from_protobuf(body)
    return tuple(_spans(request, source=source))


def success(content_type: str) -> bytes:
    """An ExportTraceServiceResponse that accepts all: no partial_success, so no fields at all."""
    return b"{}" if content_type == JSON else b""


def refusal(content_type: str, message: str, *, code: int = INVALID_ARGUMENT) -> bytes:
    """A google.rpc.Status with a code and a message, in the encoding of the request."""
    if content_type == JSON:
        return json.dumps({"code": code, "message": message}).encode()
    # Two fields, both small: field 1 (code) as a varint, field 2 (message) length-delimited. The class for
    # it lives in another package (googleapis-common-protos), which nothing else here needs.
    text = message.encode()[:4096]
    return b"\x08" + _varint(code) + b"\x12" + _varint(len(text)) + text


def _varint(number: int) -> bytes:
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)
    return bytes(out)


def _from_protobuf(body: bytes) -> ExportTraceServiceRequest:
    try:
        return ExportTraceServiceRequest.FromString(body)
    except DecodeError as error:
        raise GarbageError(f"not an ExportTraceServiceRequest: {error}") from error


def _from_json(body: bytes) -> ExportTraceServiceRequest:
    try:
        document = json.loads(body)
        for span in _json_spans(document):
            _ids_to_base64(span)
            for link in span.get("links") or ():
                _ids_to_base64(link)
        return json_format.ParseDict(document, ExportTraceServiceRequest(), ignore_unknown_fields=True)
    except (json_format.ParseError, ValueError, TypeError, AttributeError, RecursionError) as error:
        raise GarbageError(f"not an ExportTraceServiceRequest in JSON: {error}") from error


def _json_spans(document: Any) -> Iterator[dict[str, Any]]:  # noqa: ANN401 - whatever was sent
    for resource_spans in document.get("resourceSpans") or ():
        for scope_spans in resource_spans.get("scopeSpans") or ():
            yield from scope_spans.get("spans") or ()


def _ids_to_base64(holder: dict[str, Any]) -> None:
    """OTLP's JSON has ids in hex, protobuf's own JSON reader wants base64."""
    for field in _ID_FIELDS:
        if field not in holder:
            continue
        text = holder[field]
        if not isinstance(text, str) or not _HEX.fullmatch(text):
            raise GarbageError(f"{field} is not a hex string")
        holder[field] = base64.b64encode(bytes.fromhex(text)).decode()


def _spans(request: ExportTraceServiceRequest, *, source: str) -> Iterator[Span]:
    for resource_spans in request.resource_spans:
        resource = _attributes(resource_spans.resource.attributes)
        for scope_spans in resource_spans.scope_spans:
            scope = Scope(
                scope_spans.scope.name,
                scope_spans.scope.version,
                _attributes(scope_spans.scope.attributes),
            )
            for span in scope_spans.spans:
                yield _span(span, resource=resource, scope=scope, source=source)


def _span(span: trace_pb2.Span, *, resource: Attributes, scope: Scope, source: str) -> Span:
    return Span(
        trace_id=_identifier(span.trace_id, "trace_id", 16),
        span_id=_identifier(span.span_id, "span_id", 8),
        parent_id=_identifier(span.parent_span_id, "parent_span_id", 8) if span.parent_span_id else "",
        name=span.name,
        kind=_KINDS.get(span.kind, Kind.UNSPECIFIED),
        start=span.start_time_unix_nano,
        end=span.end_time_unix_nano,
        attributes=_attributes(span.attributes),
        status=_STATUSES.get(span.status.code, Status.UNSET),
        status_message=span.status.message,
        events=tuple(Event(e.name, e.time_unix_nano, _attributes(e.attributes)) for e in span.events),
        links=tuple(
            Link(link.trace_id.hex(), link.span_id.hex(), _attributes(link.attributes)) for link in span.links
        ),
        trace_state=span.trace_state,
        flags=span.flags,
        dropped_attributes=span.dropped_attributes_count,
        dropped_events=span.dropped_events_count,
        dropped_links=span.dropped_links_count,
        scope=scope,
        resource=resource,
        source=source,
    )


def _identifier(raw: bytes, name: str, length: int) -> str:
    if len(raw) != length or not any(raw):
        raise GarbageError(f"{name} must be {length} bytes, not all zero; got {raw.hex() or 'none'}")
    return raw.hex()


def _attributes(pairs: Iterable[KeyValue]) -> Attributes:
    return MappingProxyType({pair.key: _value(pair.value) for pair in pairs})


def _value(value: AnyValue) -> AttributeValue:
    match value.WhichOneof("value"):
        case "array_value":
            return tuple(_value(item) for item in value.array_value.values)
        case "kvlist_value":
            return _attributes(value.kvlist_value.values)
        case None:
            return None
        case name:
            plain: str | bool | int | float | bytes = getattr(value, name)
            return plain
