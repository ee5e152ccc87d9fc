from email.utils import formatdate

import pytest
from hypothesis import given
from hypothesis import strategies as st
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTracePartialSuccess,
    ExportTraceServiceResponse,
)

from tracing_bootstrap.recorder import answer

NOW = 1_800_000_000.0


def judge(status, headers=None, body=b""):
    return answer.judge(status, headers=headers or {}, body=body, now=NOW)


@pytest.mark.parametrize("status", [200, 202, 204])
def test_a_status_of_success_is_a_delivery(status):
    assert judge(status).verdict == answer.SENT


@pytest.mark.parametrize("status", [429, 502, 503, 504])
def test_the_four_statuses_of_the_specification_are_tried_again(status):
    outcome = judge(status)
    assert (outcome.verdict, outcome.cause, outcome.delay_s) == (answer.RETRY, f"http_{status}", None)


@pytest.mark.parametrize("status", [301, 307, 400, 401, 404, 408, 413, 500, 501])
def test_every_other_status_loses_the_batch_at_once(status):
    outcome = judge(status, {"retry-after": "1"})
    assert (outcome.verdict, outcome.cause) == (answer.LOST, f"http_{status}")


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("7", 7.0),
        (" 0 ", 0.0),
        (formatdate(NOW + 90, usegmt=True), 90.0),
        (formatdate(NOW - 90, usegmt=True), 0.0),
        ("soon", None),
        ("-3", None),
        ("1.5", None),
        ("", None),
    ],
)
def test_retry_after_is_read_as_seconds_or_as_a_date(value, seconds):
    assert judge(503, {"retry-after": value}).delay_s == seconds


@given(st.text())
def test_no_retry_after_whatsoever_raises(value):
    seconds = answer.retry_after_s(value, now=NOW)
    assert seconds is None or seconds >= 0


def test_the_waits_double_up_to_a_bound_and_are_spread():
    assert [answer.backoff_s(attempt, jitter=1) for attempt in range(7)] == [1, 2, 4, 8, 16, 30, 30]
    assert answer.backoff_s(3, jitter=0) == 4
    assert answer.backoff_s(10_000, jitter=1) == 30


@given(st.integers(0, 2**63 - 1), st.text())
def test_rejected_spans_are_read_as_the_official_classes_write_them(rejected, message):
    response = ExportTraceServiceResponse(
        partial_success=ExportTracePartialSuccess(rejected_spans=rejected, error_message=message)
    )
    assert answer.rejected_spans(response.SerializeToString()) == rejected


def test_a_negative_count_of_rejected_spans_means_nothing():
    response = ExportTraceServiceResponse(partial_success=ExportTracePartialSuccess(rejected_spans=-1))
    assert answer.rejected_spans(response.SerializeToString()) == 0


@given(st.binary())
def test_no_body_whatsoever_raises(body):
    assert answer.rejected_spans(body) >= 0


def test_a_page_of_html_is_no_partial_success():
    body = b"\n\x02\x08\x05"
    assert judge(200, {"content-type": "application/x-protobuf"}, body).rejected == 5
    assert judge(200, {}, body).rejected == 5
    assert judge(200, {"content-type": "text/html"}, body).rejected == 0
