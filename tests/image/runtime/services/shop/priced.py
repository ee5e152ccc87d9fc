"""The shop with spans of its own, by OpenTelemetry's API and nothing else."""

import os

import requests
from app import app
from flask import jsonify
from opentelemetry import baggage, context, trace

tracer = trace.get_tracer("shop.prices", "1.2")


@tracer.start_as_current_span("discount")
def discount():
    return trace.get_current_span().get_span_context().span_id


def ask():
    return requests.get(f"{os.environ['PEER_URL']}/called", timeout=5).text


@app.get("/price")
def price():
    entry = trace.get_current_span()
    entry.set_attribute("order.id", 7)
    entry.set_attributes({"order.paid": True, "order.items": ["a", "b"]})
    with tracer.start_as_current_span("price", attributes={"currency": "EUR"}) as outer:
        outer.add_event("cache miss", {"key": "p7"})
        discount()
        links = [trace.Link(entry.get_span_context(), {"why": "batch"})]
        with tracer.start_as_current_span("negotiate", kind=trace.SpanKind.CLIENT, links=links):
            token = context.attach(baggage.set_baggage("customer", "gold"))
            ask()
            context.detach(token)
    left = tracer.start_span("left to itself")
    left.update_name("renamed")
    left.end()
    seen = entry.get_span_context()
    return jsonify(
        trace_id=f"{seen.trace_id:032x}",
        span_id=f"{seen.span_id:016x}",
        recording=entry.is_recording(),
        valid=seen.is_valid,
        baggage=baggage.get_baggage("tenant"),
    )


@app.get("/risk")
def risk():
    with tracer.start_as_current_span("told") as span:
        try:
            raise KeyError("known trouble")
        except KeyError as error:
            span.record_exception(error, attributes={"retry": 1})
            span.set_status(trace.Status(trace.StatusCode.ERROR, "gave up"))
    try:
        with tracer.start_as_current_span("escaped"):
            raise ValueError("unknown trouble")
    except ValueError:
        return "survived"


@app.get("/new")
def new():
    with tracer.start_as_current_span("apart", context=context.Context()):
        return ask()


@app.get("/carry")
def carry():
    from opentelemetry import propagate

    carrier = {}
    propagate.inject(carrier)
    return carrier


@app.get("/extensions")
def extensions():
    try:
        import typing_extensions
    except ModuleNotFoundError as error:
        return str(error)
    return typing_extensions.__file__
