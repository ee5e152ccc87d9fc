"""The shop with an OpenTelemetry SDK of its own, whose spans it prints."""

import sys

from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import ConsoleSpanExporter, SimpleSpanProcessor

early = trace.get_tracer("made before the provider")
provider = TracerProvider()
provider.add_span_processor(
    SimpleSpanProcessor(
        ConsoleSpanExporter(out=sys.stdout, formatter=lambda span: "SPAN " + span.to_json(indent=None) + "\n")
    )
)
trace.set_tracer_provider(provider)

from priced import app, ask  # noqa: E402 - it makes its tracer after the provider


@app.get("/sdk")
def sdk():
    with trace.get_tracer("own").start_as_current_span("own"), early.start_as_current_span("early"):
        return ask()
