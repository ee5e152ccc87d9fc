"""A service that had tracing before the image brought it: USES names whose, and EXPORTER where its spans go.

What its own tracing made is printed at the end of each request, without what differs from run to run.
"""

import json
import os
import urllib.request

import flask
import probe

app = flask.Flask(__name__)
USES = os.environ.get("USES", "").split()


@app.get("/work/<int:number>")
def work(number):
    fetch(f"{os.environ['CALLEE_URL']}/item/{number}")
    return "done"


def fetch(url):
    if "requests" in USES:
        import requests

        return requests.get(url).text
    if "manual" in USES:
        from opentelemetry import trace

        with trace.get_tracer("manual").start_as_current_span("manual"):
            return plain(url)
    if "opentracing" in USES:
        import opentracing

        with opentracing.global_tracer().start_active_span("manual") as scope:
            scope.span.set_tag("customer", "gold")
            return plain(url)
    return plain(url)


def plain(url):
    with urllib.request.urlopen(url) as answer:
        return answer.read().decode()


@app.get("/probe")
def facts():
    return probe.facts()


def show(span):
    """One line on standard output of what the service's own SDK is to export."""
    parent = "none" if span.parent is None else "remote" if span.parent.is_remote else "local"
    if span.kind.name == "INTERNAL":
        # What the service began by itself is below the request's span now.
        parent = "any"
    print("OWN", json.dumps([span.name, span.kind.name, parent, sorted(span.attributes)]), flush=True)
    return ""


def set_up_sdk():
    from opentelemetry import trace
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor, ConsoleSpanExporter, SimpleSpanProcessor

    # Without the image's tracing the service's own is to go on: it listens to the same variable.
    os.environ.pop("OTEL_SDK_DISABLED", None)
    provider = TracerProvider()
    if os.environ["EXPORTER"] == "own":
        provider.add_span_processor(SimpleSpanProcessor(ConsoleSpanExporter(formatter=show)))
    else:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter

        provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    trace.set_tracer_provider(provider)


if "sdk" in USES:
    set_up_sdk()
if "flask" in USES:
    from opentelemetry.instrumentation.flask import FlaskInstrumentor

    FlaskInstrumentor().instrument_app(
        app, request_hook=lambda span, environ: span.set_attribute("hook", "called")
    )
if "requests" in USES:
    from opentelemetry.instrumentation.requests import RequestsInstrumentor

    RequestsInstrumentor().instrument()
if "sentry" in USES:
    import sentry_sdk

    # The callee takes what it reports, too.
    backend = os.environ["CALLEE_URL"].removeprefix("http://")
    sentry_sdk.init(f"http://key@{backend}/1", traces_sample_rate=1.0)
