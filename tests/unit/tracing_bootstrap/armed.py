"""Programs in processes of their own, armed as a leg would arm them, whose spans arrive in a sink."""

import os
import subprocess
import sys
import textwrap
from pathlib import Path

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

ROOT = Path(__file__).parents[3]
PRELUDE = """
from tracing_bootstrap import bootstrap
bootstrap.arm("test")
from tracing_bootstrap.recorder import tracer
from tracing_bootstrap.recorder.context import current
from tracing_bootstrap.recorder.span import Span


def work(name):
    span = tracer.child(Span, name, 1)
    span.end()
    return name


def begin(name):
    span = tracer.child(Span, name, 1)
    current.set(span)
    return span
"""


def start(directory, code, sink, **environ):
    """Write the program to a file, since processes that are spawned import it, and start it."""
    program = directory / "program.py"
    program.write_text(PRELUDE + textwrap.dedent(code))
    return subprocess.Popen(
        [sys.executable, str(program)],
        env={
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(ROOT),
            "OTEL_EXPORTER_OTLP_ENDPOINT": sink.url,
            "OTEL_BSP_SCHEDULE_DELAY": "60000",
            **environ,
        },
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def spans(sink):
    """All spans that came, by name."""
    found = {}
    for request in sink.requests:
        message = ExportTraceServiceRequest()
        message.ParseFromString(request.body)
        for resource in message.resource_spans:
            for scope in resource.scope_spans:
                for span in scope.spans:
                    found.setdefault(span.name, []).append(span)
    return found
