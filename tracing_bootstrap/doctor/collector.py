"""Whether the collector takes spans: asked by an export without any, which is a valid one of no bytes."""

from __future__ import annotations

import time

from tracing_bootstrap import settings
from tracing_bootstrap.recorder.answer import SENT
from tracing_bootstrap.recorder.transport import Transport
from tracing_bootstrap.settings.table import TABLE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from tracing_bootstrap.settings import Settings

# How long it may take to answer, in seconds.
PATIENCE = 5.0


def ask(read: Settings) -> Mapping[str, Any]:
    """Send one and tell what came back, in how many milliseconds, with a hint where it was refused."""
    shown = next(row for row in TABLE if row.field == "traces_endpoint")
    url = settings.shown(shown, read.traces_endpoint)
    if read.disabled or read.exporter == "none":
        return {
            "url": url,
            "sends": False,
            "answers": False,
            "detail": "nothing is sent",
            "hint": "",
            "ms": 0,
        }
    transport = Transport(read)
    started = time.monotonic()
    outcome = transport.send(transport.pack(b""), deadline=started + PATIENCE)
    milliseconds = round((time.monotonic() - started) * 1000, 1)
    transport.close()
    answers = outcome.verdict == SENT
    return {
        "url": url,
        "sends": True,
        "answers": answers,
        "detail": "takes spans" if answers else outcome.detail,
        "hint": "" if answers else _hint(outcome.cause, read.traces_endpoint),
        "ms": milliseconds,
    }


def _hint(cause: str, url: str) -> str:
    if ":4317" in url:
        return "; 4317 is gRPC's port: use the one for HTTP, 4318"
    if cause in ("http_401", "http_403"):
        return "; set OTEL_EXPORTER_OTLP_HEADERS"
    if cause in ("http_404", "http_405"):
        return "; check the path of OTEL_EXPORTER_OTLP_ENDPOINT"
    return "; check OTEL_EXPORTER_OTLP_ENDPOINT"
