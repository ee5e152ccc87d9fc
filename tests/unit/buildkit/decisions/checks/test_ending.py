import dataclasses

import pytest

from buildkit.decisions.checks import ending
from buildkit.values.check import Outcome
from buildkit.values.service import Stop
from buildkit.values.span import Scope
from tests.unit.buildkit.evidence import LAST, good, without


def test_lost_last_spans_are_counted():
    check = ending.last_spans_arrive(good(spans=without(good().spans, *LAST[:2])))
    assert check.failed
    assert "2 of 6" in check.detail
    assert "SIGTERM" in check.detail


def test_a_killed_service_is_the_cause_of_its_lost_spans():
    killed = Stop("SIGTERM", 10.0, 137, killed=True)
    check = ending.last_spans_arrive(good(spans=without(good().spans, *LAST), stop=killed))
    assert "killed" in check.cause


def test_without_any_span_before_the_last_ones_are_not_asked_for():
    assert ending.last_spans_arrive(good(spans=())).outcome is Outcome.SKIP


@pytest.mark.parametrize("code", [0, 143, 130])
def test_the_exit_codes_of_an_orderly_end_pass(code):
    assert ending.stops_promptly(good(stop=Stop("SIGTERM", 0.4, code))).outcome is Outcome.PASS


@pytest.mark.parametrize(
    ("stop", "word"),
    [
        (Stop("SIGTERM", 10.0, 137, killed=True), "killed"),
        (Stop("SIGTERM", 6.0, 0), "took 6.0 s"),
        (Stop("SIGTERM", 0.4, 1), "exit code 1"),
    ],
)
def test_a_bad_end_fails(stop, word):
    check = ending.stops_promptly(good(stop=stop))
    assert check.failed
    assert word in check.detail


def test_a_service_that_never_ran_need_not_stop():
    assert ending.stops_promptly(good(stop=None)).outcome is Outcome.SKIP


def test_dropped_attributes_fail():
    spans = (dataclasses.replace(good().spans[0], dropped_attributes=2, dropped_links=1),)
    assert "3 attributes" in ending.nothing_dropped(good(spans=spans)).detail


def test_spans_that_the_service_says_it_lost_are_counted_once_a_batch():
    scope = Scope("tracing_bootstrap", "1", {"tracing_bootstrap.dropped.queue_full": 4})
    again = Scope("tracing_bootstrap", "1", {"tracing_bootstrap.dropped.queue_full": 4})
    first, second, third, *_ = good().spans
    spans = [dataclasses.replace(span, scope=scope) for span in (first, second)]
    spans.append(dataclasses.replace(third, scope=again))
    assert "8 by queue_full" in ending.nothing_dropped(good(spans=tuple(spans))).detail


def test_a_flood_of_spans_fails():
    assert ending.nothing_dropped(good(refused_spans=7)).failed


@pytest.mark.parametrize(
    "line",
    [
        "tracing: OTEL_BSP_SCHEDULE_DELAY=abc is no number; 5000 is used",
        "WARNING:opentelemetry.sdk.trace.export:Queue is full, dropping spans",
        "opentelemetry.exporter: Failed to export spans",
    ],
)
def test_a_complaint_of_tracing_fails_and_is_shown(line):
    check = ending.output_is_quiet(good(log=f"hello\n{line}\n"))
    assert check.failed
    assert line in check.detail


@pytest.mark.parametrize(
    "line",
    [
        '172.18.0.1 - - "GET /tracing:error HTTP/1.1" 500',
        "[ERROR] Exception in worker process",
        "trace_id=4bf92f3577b34da6a3ce929d0e0e4736 span_id=-",
    ],
)
def test_other_peoples_complaints_are_not_tracings(line):
    assert ending.output_is_quiet(good(log=f"{line}\n")).outcome is Outcome.PASS
