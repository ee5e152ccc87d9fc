"""Logs carry the ids of the trace; who logs how is the service's affair."""

import re

from tests.caller import Caller
from tests.image.services import wait_for


def test_every_record_carries_the_ids_of_the_requests_span(launch, shop):
    service = launch(shop)
    caller = Caller()
    (record,) = service.json("/record", traceparent=caller.traceparent)
    (span,) = service.wait_for_spans(1, caller)
    assert record == {
        "otelTraceID": caller.trace_id,
        "otelSpanID": span.span_id,
        "otelTraceSampled": "True",
    }


def test_a_services_own_format_can_show_the_ids(launch, shop):
    service = launch(shop, "gunicorn", "configured:app")
    caller = Caller()
    service.ask("/log", caller)
    (span,) = service.wait_for_spans(1, caller)
    expected = f"OWN WARNING sold out {caller.trace_id}/{span.span_id}\n"
    wait_for(lambda: expected in service.out(), what=expected, told=service.logs, seconds=5)


def test_a_service_that_configures_nothing_still_logs_by_the_last_resort(launch, shop):
    service = launch(shop)
    service.get("/log")
    wait_for(lambda: "\nsold out\n" in service.err(), what="the warning", told=service.err, seconds=5)
    assert "nobody sees this" not in service.logs()


def test_the_access_log_carries_the_trace_of_a_request(launch, shop):
    service = launch(shop)
    caller = Caller()
    service.ask("/echo/1", caller)
    (span,) = service.wait_for_spans(1, caller)
    line = f"trace_id={caller.trace_id} span_id={span.span_id}"
    wait_for(lambda: line in service.out(), what=line, told=service.out, seconds=5)


def test_an_access_log_format_of_the_services_own_is_left_alone(launch, shop):
    service = launch(shop, "gunicorn", "--access-logformat", "MINE %(r)s", "app:app")
    service.get("/echo/1")
    wait_for(lambda: "MINE GET /echo/1" in service.out(), what="the line", told=service.out, seconds=5)
    assert not re.search("trace_id", service.out())
