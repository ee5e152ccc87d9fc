"""Reads and writes Datadog's `x-datadog-*` headers.

Follows https://docs.datadoghq.com/tracing/trace_collection/trace_context_propagation/: ids of 64 bits in decimal,
the upper half of a trace's id in the tag `_dd.p.tid`, in hex.
"""

from __future__ import annotations

from tracing_bootstrap.propagation.remote import Remote

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tracing_bootstrap.propagation.remote import Get, Names

_UPPER = "_dd.p.tid="
_NONE = "0" * 16
_HEX = frozenset("0123456789abcdef")


def read(get: Get, _names: Names | None) -> Remote | None:
    """Return the caller, or None where there is none or its headers are malformed."""
    lower, span = _decimal(get("x-datadog-trace-id")), _decimal(get("x-datadog-parent-id"))
    if not lower or not span:
        return None
    upper = _NONE
    for tag in (get("x-datadog-tags") or "").split(","):
        value = tag.strip().removeprefix(_UPPER)
        if len(value) == 16 and tag.strip() != value and _HEX.issuperset(value):
            upper = value
    priority = (get("x-datadog-sampling-priority") or "").strip()
    # -1 and 0 reject, 1 and 2 keep: the signs tell the user's word from the sampler's.
    sampled = {"-1": False, "0": False, "1": True, "2": True}.get(priority)
    return Remote(upper + lower, span_id=span, sampled=sampled)


def _decimal(header: str | None) -> str:
    """Return the 16 hex digits of a decimal number of 64 bits; the empty string for none, and for zero."""
    digits = (header or "").strip()
    if not digits.isascii() or not digits.isdigit() or len(digits) > 20:
        return ""
    number = int(digits)
    return f"{number:016x}" if 0 < number < 1 << 64 else ""


def write(span: Remote) -> list[tuple[str, str]]:
    """Return the three headers, and the tag with the trace id's upper half where that is not zero."""
    made = [
        ("x-datadog-trace-id", str(int(span.trace_id[16:], 16))),
        ("x-datadog-parent-id", str(int(span.span_id, 16))),
        ("x-datadog-sampling-priority", "1" if span.sampled else "0"),
    ]
    if span.trace_id[:16] != _NONE:
        made.append(("x-datadog-tags", _UPPER + span.trace_id[:16]))
    return made
