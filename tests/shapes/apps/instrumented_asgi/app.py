"""A FastAPI service that instruments itself; USES says with what, and whether it has an SDK."""

import os
import urllib.request

import fastapi
import probe

app = fastapi.FastAPI()
USES = os.environ["USES"].split()


@app.get("/work/{number}")
def work(number: int):
    with urllib.request.urlopen(f"{os.environ['CALLEE_URL']}/item/{number}") as answer:
        return answer.read().decode()


@app.get("/probe")
def facts():
    return fastapi.Response(probe.facts())


if "sdk" in USES:
    from opentelemetry import trace
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    os.environ.pop("OTEL_SDK_DISABLED", None)
    provider = TracerProvider()
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(endpoint="http://127.0.0.1:9/v1/traces")))
    trace.set_tracer_provider(provider)

from opentelemetry.instrumentation.fastapi import FastAPIInstrumentor  # noqa: E402 - after the provider

FastAPIInstrumentor.instrument_app(app)
