"""Turns a batch of spans, and what was lost before it, into one request's bytes."""

from __future__ import annotations

import os

from tracing_bootstrap import __version__
from tracing_bootstrap.recorder import otlp

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tracing_bootstrap.recorder.span import Span
    from tracing_bootstrap.settings import Settings

#: The instrumentation scope of the spans that we make.
SCOPE = "tracing_bootstrap"

#: What the next batch is to say on our scope besides, by attribute name: which detail was left out, and why.
notes: dict[str, str] = {}


class Encoder:
    """Encodes batches; detects the resource once a process (its instance id differs between fork siblings)."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._pid = 0
        self._resource = b""
        self._scope = otlp.encode_scope(SCOPE, __version__)

    def encode(self, spans: Sequence[Span], losses: Mapping[str, int]) -> bytes:
        """Return an ExportTraceServiceRequest.

        `losses` counts, by cause, the spans that never left since the last batch that did; they ride on our
        scope as the attributes `tracing_bootstrap.dropped.<cause>`, so that a reader of traces can see them.
        """
        pid = os.getpid()
        if pid != self._pid:
            from tracing_bootstrap.recorder import resource

            self._resource = otlp.encode_resource(resource.detect(self._settings))
            self._pid = pid
        scope = self._scope
        if losses or notes:
            told: dict[str, object] = {f"{SCOPE}.dropped.{cause}": count for cause, count in losses.items()}
            while notes:
                key, note = notes.popitem()
                told[key] = note
            scope = otlp.encode_scope(SCOPE, __version__, told)
        return otlp.encode(spans, resource=self._resource, own_scope=scope)
