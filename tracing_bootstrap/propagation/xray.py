"""Reads and writes AWS X-Ray's `X-Amzn-Trace-Id`.

Follows https://docs.aws.amazon.com/xray/latest/devguide/xray-concepts.html#xray-concepts-tracingheader.
"""

from __future__ import annotations

from tracing_bootstrap.propagation.remote import Remote, span_id, trace_id

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tracing_bootstrap.propagation.remote import Get, Names

_SAMPLED = {"1": True, "0": False}
# "1-" (the version), 8 digits of time, "-", 24 of chance.
_ROOT_LENGTH = 35


def read(get: Get, _names: Names | None) -> Remote | None:
    """Return the caller, or None where there is none or its header is malformed.

    A load balancer writes a root without a parent: nobody has made a span then, and a trace begins with us.
    """
    parts = (part.partition("=") for part in (get("x-amzn-trace-id") or "").split(";"))
    fields = {key.strip().lower(): value.strip() for key, _, value in parts}
    root, parent = fields.get("root", ""), fields.get("parent", "")
    if len(root) != _ROOT_LENGTH or root[:2] != "1-" or root[10] != "-" or len(parent) != 16:
        return None
    ids = trace_id(root[2:10] + root[11:]), span_id(parent)
    return (
        Remote(ids[0], span_id=ids[1], sampled=_SAMPLED.get(fields.get("sampled", ""))) if all(ids) else None
    )


def write(span: Remote) -> list[tuple[str, str]]:
    """Return the header. X-Ray takes an id for a time in its first 32 bits, and accepts a random one as well."""
    return [
        (
            "x-amzn-trace-id",
            f"Root=1-{span.trace_id[:8]}-{span.trace_id[8:]};Parent={span.span_id};Sampled={int(bool(span.sampled))}",
        )
    ]
