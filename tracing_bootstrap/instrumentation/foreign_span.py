"""What a span of another SDK, that the service set up itself, is to our spans."""

from __future__ import annotations

from tracing_bootstrap.recorder.span import INTERNAL, Span

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def ours(span: Any) -> Span | None:
    """Return a span of the API as one of ours: itself, or one that stands for another SDK's and is carried on."""
    if span is None or isinstance(span, Span):
        return span
    context = span.get_span_context()
    if not context.is_valid:
        return None
    standing = Span(
        "",
        INTERNAL,
        f"{context.trace_id:032x}",
        f"{context.span_id:016x}",
        "",
        int(context.trace_flags),
        context.trace_state.to_header() if context.trace_state else "",
        "",
        None,
    )
    standing.parent_remote = context.is_remote
    return standing
