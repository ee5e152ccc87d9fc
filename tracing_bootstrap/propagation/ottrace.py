"""Reads and writes the `ot-tracer-*` headers of OpenTracing's basic tracers.

Follows https://github.com/opentracing/basictracer-python (its text propagator) and what OpenTelemetry calls
"OT Trace": ids of 64 bits, in hex.
"""

from __future__ import annotations

from tracing_bootstrap.propagation import baggage as w3c_baggage
from tracing_bootstrap.propagation.remote import Remote, span_id, trace_id

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tracing_bootstrap.propagation.remote import Get, Names

_PREFIX = "ot-baggage-"
_SAMPLED = {"true": True, "1": True, "false": False, "0": False}


def read(get: Get, names: Names | None) -> Remote | None:
    """Return the caller, or None where there is none or its headers are malformed."""
    ids = trace_id(get("ot-tracer-traceid") or ""), span_id(get("ot-tracer-spanid") or "")
    if not all(ids):
        return None
    return Remote(
        ids[0],
        span_id=ids[1],
        sampled=_SAMPLED.get((get("ot-tracer-sampled") or "").strip().lower()),
        baggage=w3c_baggage.write(w3c_baggage.with_prefix(_PREFIX, get, names)),
    )


def write(span: Remote) -> list[tuple[str, str]]:
    """Return the three headers, and one for each baggage entry. Of a trace's id the last 64 bits are written."""
    return [
        ("ot-tracer-traceid", span.trace_id[16:]),
        ("ot-tracer-spanid", span.span_id),
        ("ot-tracer-sampled", "true" if span.sampled else "false"),
        *w3c_baggage.one_by_one(_PREFIX, span.baggage),
    ]
