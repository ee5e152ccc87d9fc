"""Reads and writes Jaeger's `uber-trace-id`, and the baggage beside it.

Follows https://www.jaegertracing.io/sdk-migration/#propagation-format.
"""

from __future__ import annotations

from tracing_bootstrap.propagation import baggage as w3c_baggage
from tracing_bootstrap.propagation.remote import Remote, span_id, trace_id

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tracing_bootstrap.propagation.remote import Get, Names

_PREFIX = "uberctx-"
_FIELDS = 4
_SAMPLED = 1
_DEBUG = 2


def read(get: Get, names: Names | None) -> Remote | None:
    """Return the caller, or None where there is none or its header is malformed."""
    header = get("uber-trace-id")
    # Some clients encode the whole value for a URL.
    fields = header.strip(" \t").replace("%3A", ":").replace("%3a", ":").split(":") if header else []
    if len(fields) != _FIELDS:
        return None
    ids = trace_id(fields[0]), span_id(fields[1])
    try:
        # Leading zeros may be missing; the third field, the parent of the caller's span, is deprecated.
        flags = int(fields[3], 16) if len(fields[3]) <= 2 else -1
    except ValueError:
        return None
    if not all(ids) or flags < 0:
        return None
    # Jaeger counts a debug flag only where the trace is sampled.
    sampled = bool(flags & _SAMPLED)
    return Remote(
        ids[0],
        span_id=ids[1],
        sampled=sampled,
        debug=sampled and bool(flags & _DEBUG),
        baggage=_baggage(get, names),
    )


def _baggage(get: Get, names: Names | None) -> str:
    """Return what stands in `uberctx-<key>` headers, and in `jaeger-baggage`, which people write by hand."""
    entries = w3c_baggage.with_prefix(_PREFIX, get, names)
    for member in (get("jaeger-baggage") or "").split(","):
        key, equals, value = member.partition("=")
        if equals:
            entries.setdefault(key.strip(), value.strip())
    return w3c_baggage.write(entries)


def write(span: Remote) -> list[tuple[str, str]]:
    """Return `uber-trace-id`, and one header for each baggage entry, its value percent-encoded."""
    flags = _SAMPLED | _DEBUG if span.debug else int(bool(span.sampled))
    made = [("uber-trace-id", f"{span.trace_id}:{span.span_id}:0:{flags:x}")]
    return made + w3c_baggage.one_by_one(_PREFIX, span.baggage)
