"""logging: the trace and span ids on every LogRecord, by a record factory; no handler, no format is touched.

The names are those of OpenTelemetry's logging instrumentation, and so is "0" where no span is current.
"""

from __future__ import annotations

from tracing_bootstrap.instrumentation.patching import is_replaced, mark
from tracing_bootstrap.recorder.context import current

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def patch(module: Any) -> None:
    """Set a record factory that asks the one before it (logging.setLogRecordFactory)."""
    original = module.getLogRecordFactory()
    if is_replaced(original):
        return

    def factory(*args: Any, **kwargs: Any) -> Any:
        record = original(*args, **kwargs)
        value = current.get()
        span = None if value is None else value.span
        if span is None:
            record.otelTraceID = "0"
            record.otelSpanID = "0"
            record.otelTraceSampled = False
        else:
            record.otelTraceID = span.trace_id
            record.otelSpanID = span.span_id
            record.otelTraceSampled = span.flags & 1 == 1
        return record

    module.setLogRecordFactory(mark(factory))
