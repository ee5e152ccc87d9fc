import dataclasses

import pytest

from buildkit.values.call import Call
from buildkit.values.span import Kind, Span
from tests.caller import Caller
from tests.shapes import judging
from tests.shapes.row import REQUESTS, SERVER_AND_CLIENT, Row
from tests.shapes.sending import Answer
from tests.shapes.side import Ended, Outcome
from tests.shapes.table import ROWS

ROW = Row("a-row", app="an_app", command=("serve",))
ENDED = Ended(0, 0.3, "out\n", "[2026-11-22 10:00:00 +0000] [7] [INFO] Booting worker with pid: 8\n")


def outcome(*, traced=True):
    """What a service leaves with which nothing is wrong."""
    callers = [Caller() for _ in range(REQUESTS)]
    traces, calls = [], []
    for number, caller in enumerate(callers):
        server, client = f"{number:015x}5", f"{number:015x}c"
        spans = (
            Span(caller.trace_id, server, caller.span_id, "GET", Kind.SERVER),
            Span(caller.trace_id, client, server, "GET", Kind.CLIENT),
        )
        headers = (("traceparent", f"00-{caller.trace_id}-{client}-01"),) if traced else ()
        traces.append((caller, spans if traced else ()))
        calls.append(Call("GET", f"/item/{number}", (("user-agent", "x"), *headers), 0.0))
    facts = {"handlers": {}, "signals": {}, "versions": {"flask": "3"}}
    answers = tuple(Answer(200, "{}", ("content-type",)) for _ in callers)
    return Outcome(tuple(traces), (), answers, tuple(calls), facts, ENDED, None, "flask==3\n")


def judged(row=ROW, bare=None, **changes):
    traced = dataclasses.replace(outcome(), **changes)
    return judging.judge(row, traced, bare or outcome(traced=False))


def test_a_service_that_does_as_it_must_is_green():
    verdict = judged()
    assert verdict.reasons == ()
    assert (verdict.spans, verdict.behaviour, verdict.green) == ("6/6 server, 6/6 client", "same", True)


def test_lost_spans_are_counted_and_explained():
    whole = outcome().traces
    verdict = judged(traces=((whole[0][0], ()), *whole[1:]))
    assert verdict.spans == "5/6 server, 5/6 client"
    assert "request 0" in verdict.reasons[0]


def test_a_call_that_carries_another_trace_or_names_no_span_is_wrong():
    calls = outcome().calls
    assert not judged(calls=calls[1:]).green
    whole = outcome()
    caller = whole.traces[0][0]
    stranger = Call("GET", "/item/0", (("traceparent", f"00-{caller.trace_id}-{'e' * 16}-01"),), 0.0)
    verdict = judging.judge(
        ROW, dataclasses.replace(whole, calls=(stranger, *whole.calls[1:])), outcome(traced=False)
    )
    assert "which did not come" in verdict.reasons[0]


def test_a_trace_that_nobody_asked_for_is_wrong_but_for_the_probes():
    stray = Span("f" * 32, "1" * 16, "", "GET", Kind.CLIENT)
    assert not judged(strays=(stray,)).green
    probe = dataclasses.replace(stray, kind=Kind.SERVER, attributes={"url.path": "/probe"})
    assert judged(strays=(probe,)).green


@pytest.mark.parametrize(
    ("change", "behaviour"),
    [
        ({"service": dataclasses.replace(ENDED, code=1)}, "exit code"),
        ({"service": dataclasses.replace(ENDED, out="out\nmore\n")}, "stdout"),
        ({"service": dataclasses.replace(ENDED, err="")}, "stderr"),
        ({"service": dataclasses.replace(ENDED, seconds=0.9)}, "exit time"),
        ({"facts": {"handlers": {"root": ["X"]}, "signals": {}, "versions": {"flask": "3"}}}, "handlers"),
        ({"facts": {"handlers": {}, "signals": {}, "versions": {"flask": "3", "wrapt": "2"}}}, "versions"),
        ({"answers": (Answer(500),) * REQUESTS}, "answers"),
    ],
)
def test_a_difference_to_the_untraced_service_is_wrong(change, behaviour):
    verdict = judged(**change)
    assert verdict.behaviour == behaviour
    assert verdict.reasons


def test_a_probe_that_fails_on_both_sides_is_wrong():
    failed = {"facts": {"probe": "404 not found"}}
    assert judged(bare=dataclasses.replace(outcome(traced=False), **failed), **failed).behaviour == "probe"


def test_times_pids_and_ids_are_no_difference_and_nor_is_the_order_of_lines():
    said = "[2027-01-01 11:11:11 +0000] [9] [INFO] Booting worker with pid: 12345\n"
    assert judged(service=dataclasses.replace(ENDED, err=said)).green
    asked = dataclasses.replace(ENDED, out='"GET /probe HTTP/1.1" 200\nout\n')
    assert judged(service=asked).green


def test_a_slow_end_may_be_the_machines_but_lost_spans_are_not():
    assert not judged(service=dataclasses.replace(ENDED, seconds=0.9)).quick
    assert judged(service=dataclasses.replace(ENDED, seconds=0.9), calls=()).quick
    late = "tracing: spans are lost (timeout): http://x did not answer in time; the service runs on\n"
    assert not judged(service=dataclasses.replace(ENDED, err=ENDED.err + late)).quick


def test_every_row_has_a_name_of_its_own_and_a_group():
    names = [(row.group, row.name) for row in ROWS]
    assert len(set(names)) == len(names)
    assert all(row.group for row in ROWS)
    assert all(row.tree is None or row.tree.kind for row in ROWS)
    assert SERVER_AND_CLIENT.below
