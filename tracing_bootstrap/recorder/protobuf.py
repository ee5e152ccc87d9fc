"""Writes protobuf's wire format, as much of it as OTLP's trace message needs.

Attributes repeat from span to span, so their bytes are kept by value. The kept tables are bounded: a table that
is full is emptied, since what repeats is back at once.

Follows the Protocol Buffers encoding guide and opentelemetry/proto/common/v1/common.proto.
"""

from __future__ import annotations

from struct import pack

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Any, TypeVar

    V = TypeVar("V")

_MOST_KEPT = 2_048
_LONGEST_KEPT = 256
_LONGEST_KEY = 512
_DEEPEST = 8

_ONE_BYTE = tuple(bytes((n,)) for n in range(128))
_MASK = (1 << 64) - 1

_strings: dict[tuple[str, str], bytes] = {}
_integers: dict[tuple[str, int], bytes] = {}
_names: dict[tuple[str, int], bytes] = {}
_heads: dict[tuple[str, int], bytes] = {}


def varint(number: int) -> bytes:
    """Encode an unsigned integer below 2**64."""
    if number < 128:
        return _ONE_BYTE[number]
    if number < 16_384:
        return bytes((number & 127 | 128, number >> 7))
    out = bytearray()
    while number > 127:
        out.append(number & 127 | 128)
        number >>= 7
    out.append(number)
    return bytes(out)


def field(tag: bytes, payload: bytes) -> bytes:
    """Encode a length-delimited field; `tag` is its number and wire type, already encoded."""
    size = len(payload)
    return tag + (_ONE_BYTE[size] if size < 128 else varint(size)) + payload


def text(value: str) -> bytes:
    """Encode as UTF-8; what has no encoding (a lone surrogate) becomes a question mark."""
    return value.encode("utf-8", "replace")


def string_attribute(key: str, value: str) -> bytes:
    """Return a span's attribute, tag of `Span.attributes` included."""
    known = _strings.get((key, value))
    if known is not None:
        return known
    encoded = field(b"\x4a", field(b"\x0a", text(key)) + field(b"\x12", field(b"\x0a", text(value))))
    if len(value) <= _LONGEST_KEPT:
        if len(_strings) >= _MOST_KEPT:
            _strings.clear()
        _strings[key, value] = encoded
    return encoded


def fresh_string_attribute(key: str, value: str) -> bytes:
    """Return the same as `string_attribute`, for values that hardly ever come twice: nothing is kept of them."""
    encoded = value.encode("utf-8", "replace")
    size = len(encoded)
    head = _heads.get((key, size))
    if head is None:
        # Every length is known from the value's: all that stands before the value is the same for this size.
        body = field(b"\x4a", field(b"\x0a", text(key)) + field(b"\x12", field(b"\x0a", encoded)))
        head = body[: len(body) - size]
        if len(_heads) >= _MOST_KEPT:
            _heads.clear()
        _heads[key, size] = head
    return head + encoded


def integer_attribute(key: str, value: int) -> bytes:
    """Return a span's attribute, tag of `Span.attributes` included; `value` is an int, not a bool."""
    known = _integers.get((key, value))
    if known is not None:
        return known
    encoded = field(b"\x4a", field(b"\x0a", text(key)) + field(b"\x12", b"\x18" + varint(value & _MASK)))
    if len(_integers) >= _MOST_KEPT:
        _integers.clear()
    _integers[key, value] = encoded
    return encoded


def name_and_kind(name: str, kind: int) -> bytes:
    """Return the fields Span.name and Span.kind, 5 and 6."""
    known = _names.get((name, kind))
    if known is not None:
        return known
    encoded = field(b"\x2a", text(name)) + b"\x30" + varint(kind)
    if len(_names) >= _MOST_KEPT:
        _names.clear()
    _names[name, kind] = encoded
    return encoded


def keep(table: dict[Any, V], key: Any, value: V, *texts: str | None) -> V:
    """Keep what was encoded by what it was made of, unless these texts are long; return it."""
    if sum(len(part) for part in texts if part) <= _LONGEST_KEY:
        if len(table) >= _MOST_KEPT:
            table.clear()
        table[key] = value
    return value


def attributes(tag: bytes, values: Mapping[str, Any], longest: int | None = None) -> list[bytes]:
    """Encode attributes under any message's tag; a value of a type that OTLP does not know is left out.

    `longest` cuts strings, in characters (OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT).
    """
    encoded = []
    for key, value in values.items():
        body = any_value(value, longest)
        if body is not None and isinstance(key, str):
            encoded.append(field(tag, field(b"\x0a", text(key)) + field(b"\x12", body)))
    return encoded


def any_value(value: Any, longest: int | None, depth: int = 0) -> bytes | None:
    """Encode an AnyValue's content, or return None where it has no encoding."""
    if isinstance(value, str):
        return field(b"\x0a", text(value if longest is None else value[:longest]))
    if isinstance(value, bool):
        return b"\x10\x01" if value else b"\x10\x00"
    if isinstance(value, int):
        if -(1 << 63) <= value < 1 << 63:
            return b"\x18" + varint(value & _MASK)
        return field(b"\x0a", text(str(value)))
    if isinstance(value, float):
        return b"\x21" + pack("<d", value)
    if isinstance(value, bytes):
        return field(b"\x3a", value if longest is None else value[:longest])
    if depth >= _DEEPEST:
        return None
    if isinstance(value, (tuple, list)):
        return field(b"\x2a", _array(value, longest, depth))
    if isinstance(value, dict):
        return field(b"\x32", b"".join(_pairs(value, longest, depth)))
    return None


def _array(values: Iterable[Any], longest: int | None, depth: int) -> bytes:
    parts = []
    for value in values:
        body = b"" if value is None else any_value(value, longest, depth + 1)
        if body is not None:
            parts.append(field(b"\x0a", body))
    return b"".join(parts)


def _pairs(values: dict[Any, Any], longest: int | None, depth: int) -> Iterable[bytes]:
    for key, value in values.items():
        body = any_value(value, longest, depth + 1)
        if body is not None and isinstance(key, str):
            yield field(b"\x0a", field(b"\x0a", text(key)) + field(b"\x12", body))
