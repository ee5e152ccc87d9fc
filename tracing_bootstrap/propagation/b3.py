"""Reads and writes Zipkin's B3 headers, the single one and the several.

Follows https://github.com/openzipkin/b3-propagation and OpenTelemetry's "B3 Requirements" (Propagators API).
"""

from __future__ import annotations

from tracing_bootstrap.propagation.remote import Remote, span_id, trace_id

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tracing_bootstrap.propagation.remote import Get, Names

# By the state's letter: sampled, debug. No state at all defers the decision to the receiver.
_STATES = {"1": (True, False), "0": (False, False), "d": (True, True), "": (None, False)}
_SAMPLED = {"1": True, "true": True, "0": False, "false": False}
# The single header's ids have fixed lengths; it has four fields at most.
_LENGTHS = (16, 32)
_FIELDS = 4


def read(get: Get, _names: Names | None) -> Remote | None:
    """Return the caller, or None where there is none or its headers are malformed."""
    single = get("b3")
    found = _single(single) if single else None
    return found or _several(get)


def _single(header: str) -> Remote | None:
    fields = header.strip(" \t").lower().split("-")
    if len(fields) == 1:
        state = _STATES.get(fields[0]) if fields[0] else None
        return state and Remote("", span_id="", sampled=state[0], debug=state[1])
    if len(fields) > _FIELDS or len(fields[0]) not in _LENGTHS or len(fields[1]) != _LENGTHS[0]:
        return None
    state = _STATES.get(fields[2] if len(fields) > 2 else "")
    return state and _caller(fields[0], fields[1], sampled=state[0], debug=state[1])


def _several(get: Get) -> Remote | None:
    debug = (get("x-b3-flags") or "").strip() == "1"
    sampled = True if debug else _SAMPLED.get((get("x-b3-sampled") or "").strip().lower())
    ids = get("x-b3-traceid"), get("x-b3-spanid")
    if ids[0] and ids[1]:
        return _caller(ids[0], ids[1], sampled=sampled, debug=debug)
    # A decision alone is for a trace that begins with us; without one there is nothing to be told.
    return None if sampled is None else Remote("", span_id="", sampled=sampled, debug=debug)


def _caller(trace: str, span: str, *, sampled: bool | None, debug: bool) -> Remote | None:
    ids = trace_id(trace), span_id(span)
    return Remote(ids[0], span_id=ids[1], sampled=sampled, debug=debug) if all(ids) else None


def write(span: Remote) -> list[tuple[str, str]]:
    """Return the single header. B3 carries no baggage."""
    return [("b3", f"{span.trace_id}-{span.span_id}-{'d' if span.debug else '1' if span.sampled else '0'}")]


def write_several(span: Remote) -> list[tuple[str, str]]:
    """Return the several headers. Debug implies the decision, which is then not written as well."""
    decision = ("x-b3-flags", "1") if span.debug else ("x-b3-sampled", "1" if span.sampled else "0")
    return [("x-b3-traceid", span.trace_id), ("x-b3-spanid", span.span_id), decision]
