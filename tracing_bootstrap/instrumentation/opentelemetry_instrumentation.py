"""OpenTelemetry's own instrumentations, where a service that has an SDK switched them on itself.

They make an inner span of a request that has a span already. To an SDK which sends its spans elsewhere than we do,
the request is to look as it did without us: a server's span, below the caller's.
"""

from __future__ import annotations

import sys

from tracing_bootstrap import guard
from tracing_bootstrap.instrumentation.foreign_span import reaches_our_collector
from tracing_bootstrap.instrumentation.patching import replace
from tracing_bootstrap.recorder.context import current_span
from tracing_bootstrap.recorder.span import SERVER

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from tracing_bootstrap.recorder.span import Span

_CAUSE = "a server span of an OpenTelemetry instrumentation could not be begun as without us"


def patch_utils(module: Any) -> None:
    """Decide where such a span begins (opentelemetry.instrumentation.utils)."""

    def make(original: Callable[..., Any]) -> Callable[..., Any]:
        def start(tracer: Any, *args: Any, **kwargs: Any) -> Any:
            entry = current_span()
            if entry is None or entry.kind != SERVER or not _goes_elsewhere(tracer):
                return original(tracer, *args, **kwargs)
            span = guard.call(_CAUSE, _start, tracer, entry, *args, **kwargs)
            return original(tracer, *args, **kwargs) if span is None else (span, None)

        return start

    replace(module, "_start_internal_or_server_span", make)


def _goes_elsewhere(tracer: Any) -> bool:
    # The proxy that the API hands out keeps the SDK's tracer.
    real = getattr(tracer, "_real_tracer", None) or getattr(tracer, "_tracer", None) or tracer
    processor = getattr(real, "span_processor", None)
    return processor is not None and not reaches_our_collector(processor)


def _start(
    tracer: Any,
    entry: Span,
    span_name: str,
    start_time: int | None = None,
    _context_carrier: Any = None,
    _context_getter: Any = None,
    attributes: Any = None,
    **_more: Any,
) -> Any:
    trace = sys.modules["opentelemetry.trace"]
    context = None
    if entry.parent_id:
        state = trace.TraceState.from_header([entry.tracestate]) if entry.tracestate else trace.TraceState()
        remote = trace.SpanContext(
            int(entry.trace_id, 16),
            int(entry.parent_id, 16),
            is_remote=True,
            trace_flags=trace.TraceFlags(entry.flags),
            trace_state=state,
        )
        context = trace.set_span_in_context(trace.NonRecordingSpan(remote))
    return tracer.start_span(
        name=span_name,
        context=context,
        kind=trace.SpanKind.SERVER,
        start_time=start_time,
        attributes=attributes,
    )
