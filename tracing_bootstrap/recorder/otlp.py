"""Encodes a batch of spans as OTLP's ExportTraceServiceRequest.

Follows opentelemetry/proto/trace/v1/trace.proto; field numbers stand beside the tags they make.
"""

from __future__ import annotations

from struct import Struct

from tracing_bootstrap import guard
from tracing_bootstrap.recorder import clock, protobuf
from tracing_bootstrap.recorder.protobuf import field, text, varint
from tracing_bootstrap.recorder.span import Limits

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Any

    from tracing_bootstrap.recorder.span import Span

SCHEMA_URL = "https://opentelemetry.io/schemas/1.37.0"

_RESOURCE_SCHEMA_URL = field(b"\x1a", text(SCHEMA_URL))  # ResourceSpans 3
_SCOPE_SCHEMA_URL = field(b"\x1a", text(SCHEMA_URL))  # ScopeSpans 3
_RESOURCE_SPANS = b"\x0a"  # 1
_SCOPE_SPANS = b"\x12"  # ResourceSpans 2
_SPAN = b"\x12"  # ScopeSpans 2
_STATE = b"\x1a"  # Span 3
_ATTRIBUTE = b"\x4a"  # Span 9
_EVENT = b"\x5a"  # Span 11
_LINK = b"\x6a"  # Span 13
_STATUS = b"\x7a"  # Span 15
_COUNTS = (b"\x50", b"\x60", b"\x70")  # Span 10, 12, 14
_EVENT_ATTRIBUTE = b"\x1a"  # Event 3
_LINK_ATTRIBUTE = b"\x22"  # Link 4

#: Span 7 and 8: start and end, fixed64 each.
_times = Struct("<BQBQ").pack
#: Span 16: flags, fixed32 behind a two-byte tag.
_flags = Struct("<BBI").pack

# opentelemetry-proto, SpanFlags: the W3C flags, then "we know whether the parent is remote", then "it is".
_LOCAL = 0x100
_REMOTE = 0x300
_fromhex = bytes.fromhex
_FLAGS = {flags: _flags(0x85, 0x01, flags) for flags in (_LOCAL | 1, _LOCAL | 3, _REMOTE | 1, _REMOTE | 3)}


def encode(spans: Iterable[Span], *, resource: bytes, own_scope: bytes) -> bytes:
    """Return the request's bytes.

    `resource` and `own_scope` are the encoded fields ResourceSpans.resource and ScopeSpans.scope; a span with a
    scope of its own (made through the OpenTelemetry API) is grouped under that.
    """
    offset = clock.offset()
    # Ours by their class: code that sees one kind of object after the other stays specialized for it.
    groups: dict[Any, list[Span]] = {}
    for span in spans:
        group = groups.get(span.scope or span.__class__)
        if group is None:
            groups[span.scope or span.__class__] = [span]
        else:
            group.append(span)
    ours = [own_scope]
    body = [resource]
    for scope, members in groups.items():
        # One span that cannot be encoded (a service may have given it any time stamp) costs no other span.
        encoded = guard.each("a span could not be encoded", encode_span, members, offset)
        if isinstance(scope, tuple):
            encoded.insert(0, encode_scope(scope[0], scope[1]))
            body += _message(_SCOPE_SPANS, encoded)
        else:
            ours += encoded
    if len(ours) > 1:
        ours.append(_SCOPE_SCHEMA_URL)
        body += _message(_SCOPE_SPANS, ours)
    body.append(_RESOURCE_SCHEMA_URL)
    # Joined once: a batch has some hundred kilobytes, and each copy would be of new memory.
    return b"".join(_message(_RESOURCE_SPANS, body))


def _message(tag: bytes, parts: list[bytes]) -> list[bytes]:
    """Put a message's tag and size in front of its parts."""
    return [tag + varint(sum(map(len, parts))), *parts]


def encode_resource(values: Mapping[str, Any]) -> bytes:
    """Return the field ResourceSpans.resource."""
    return field(b"\x0a", b"".join(protobuf.attributes(b"\x0a", values)))


def encode_scope(name: str, version: str, attributes: Mapping[str, Any] | None = None) -> bytes:
    """Return the field ScopeSpans.scope."""
    body = field(b"\x0a", text(name))
    if version:
        body += field(b"\x12", text(version))
    if attributes:
        body += b"".join(protobuf.attributes(b"\x1a", attributes))
    return field(b"\x0a", body)


def encode_span(span: Span, offset: int) -> bytes:
    """Return the field ScopeSpans.spans of one span; `offset` turns its times into wall time, in ns."""
    # The fields may come in any order.
    parts = span.describe()
    # The ids' fields, 1, 2 and 4, all in hex still: one conversion instead of three.
    parent_id = span.parent_id
    if parent_id:
        hexes = f"0a10{span.trace_id}1208{span.span_id}2208{parent_id}"
        flags = span.flags | (_REMOTE if span.parent_remote else _LOCAL)
    else:
        hexes = f"0a10{span.trace_id}1208{span.span_id}"
        flags = span.flags | _LOCAL
    parts.append(_fromhex(hexes))
    parts.append(_times(0x39, span.start_ns + offset, 0x41, span.end_ns + offset))
    parts.append(_FLAGS.get(flags) or _flags(0x85, 0x01, flags))
    if span.tracestate:
        parts.append(field(_STATE, text(span.tracestate)))
    if span.attributes is not None:
        parts.extend(protobuf.attributes(_ATTRIBUTE, span.attributes, Limits.value_length))
    if span.status:
        parts.append(_encode_status(span))
    if span.events is not None or span.links is not None or span.dropped is not None:
        parts.extend(_encode_rest(span, offset))
    body = b"".join(parts)
    return _SPAN + varint(len(body)) + body


def _encode_status(span: Span) -> bytes:
    message = field(b"\x12", text(span.status_message)) if span.status_message else b""
    return field(_STATUS, message + b"\x18" + varint(span.status))


def _encode_rest(span: Span, offset: int) -> list[bytes]:
    parts = []
    for name, when, values in span.events or ():
        body = _event_time(0x09, when + offset) + field(b"\x12", text(name))
        parts.append(
            field(_EVENT, body + _limited(_EVENT_ATTRIBUTE, values, Limits.event_attributes, b"\x20"))
        )
    for trace_id, span_id, state, flags, values in span.links or ():
        body = b"\x0a\x10" + bytes.fromhex(trace_id) + b"\x12\x08" + bytes.fromhex(span_id)
        if state:
            body += field(b"\x1a", text(state))
        body += _limited(_LINK_ATTRIBUTE, values, Limits.link_attributes, b"\x28")
        parts.append(field(_LINK, body + _link_flags(0x35, flags)))
    for tag, count in zip(_COUNTS, span.dropped or (), strict=False):
        if count:
            parts.append(tag + varint(count))
    return parts


_event_time = Struct("<BQ").pack
_link_flags = Struct("<BI").pack


def _limited(tag: bytes, values: Mapping[str, Any] | None, most: int, dropped: bytes) -> bytes:
    if not values:
        return b""
    kept = values
    if len(values) > most:
        kept = dict(list(values.items())[:most])
    body = b"".join(protobuf.attributes(tag, kept, Limits.value_length))
    return body if kept is values else body + dropped + varint(len(values) - most)
