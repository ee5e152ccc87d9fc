import dataclasses

from buildkit.decisions.checks import outgoing
from buildkit.values.call import Answer
from buildkit.values.check import Outcome
from tests.unit.buildkit.evidence import ASKED, call, client_span, good, request, server_span


def test_a_call_without_headers_cuts_the_trace():
    check = outgoing.carries_on(good(calls=(call(ASKED[0]), call(ASKED[0], traceparent=""))))
    assert check.failed
    assert "1 of 2" in check.detail
    assert "GET /out" in check.detail
    assert "raw socket" in check.cause


def test_a_call_in_another_trace_fails():
    check = outgoing.carries_on(good(calls=(call(request(99)),)))
    assert "another trace" in check.detail


def test_a_call_with_a_malformed_traceparent_fails():
    assert outgoing.carries_on(good(calls=(call(ASKED[0], traceparent="00-x-y-01"),))).failed


def test_a_call_whose_parent_is_no_client_span_fails():
    """A proxy that passes our headers through has our own span id there."""
    check = outgoing.carries_on(good(calls=(call(ASKED[0], parent=ASKED[0].span_id),)))
    assert "no client span" in check.detail
    assert "passed through" in check.cause


def test_a_service_that_calls_nobody_is_not_proven():
    check = outgoing.carries_on(good(calls=()))
    assert check.outcome is Outcome.SKIP
    assert "--call-env" in check.hint


def test_a_service_that_must_call_and_does_not_fails():
    assert outgoing.carries_on(good(calls=(), must_call_out=True)).failed


def test_between_two_services_the_next_ones_server_span_is_the_proof():
    asked = request(1, through=("service", "next"))
    spans = (
        server_span(asked),
        client_span(asked),
        server_span(asked, source="next", parent="c" + asked.span_id[1:]),
    )
    evidence = good(downstream="next", answers=(Answer(asked, 200, 0, 1),), spans=spans, calls=())
    assert outgoing.carries_on(evidence).outcome is Outcome.PASS
    assert outgoing.carries_on(dataclasses.replace(evidence, spans=spans[:2])).failed


def test_requests_that_do_not_go_on_prove_nothing():
    assert outgoing.carries_on(good(downstream="next")).outcome is Outcome.SKIP


def test_lost_companions_are_named():
    check = outgoing.carries_companions(good(calls=(call(ASKED[0], baggage=""),)))
    assert check.failed
    assert check.detail.startswith("baggage did not")
    both = outgoing.carries_companions(good(calls=(call(ASKED[0], baggage="", tracestate="other=1"),)))
    assert "tracestate and baggage" in both.detail


def test_companions_among_others_are_found():
    carried = call(ASKED[0], baggage="a=b, verify.run=1", tracestate="x=y,verify=1")
    assert outgoing.carries_companions(good(calls=(carried,))).outcome is Outcome.PASS


def test_companions_of_a_cut_trace_are_not_asked_for():
    bare = good(calls=(call(ASKED[0], traceparent=""),))
    assert outgoing.carries_companions(bare).outcome is Outcome.SKIP


def test_a_call_with_another_formats_headers_names_the_setting():
    image = dataclasses.replace(good().image, environment={"OTEL_PROPAGATORS": "b3"})
    check = outgoing.carries_on(good(image=image, calls=(call(ASKED[0], traceparent=""),)))
    assert "OTEL_PROPAGATORS=b3" in check.cause
    assert "tracecontext" in check.hint
