import dataclasses

import pytest

from buildkit.decisions.checks import inbound
from buildkit.values.call import Answer
from buildkit.values.check import Outcome
from buildkit.values.service import Inside, Process, Standing
from buildkit.values.span import Kind
from tests.unit.buildkit.evidence import ASKED, client_span, good, request, server_span, without


def changed(spans, **changes):
    return tuple(dataclasses.replace(span, **changes) for span in spans)


def test_no_span_at_all_names_the_cause():
    off = dataclasses.replace(good().image, environment={"OTEL_SDK_DISABLED": "true"})
    check = inbound.joins_our_traces(good(image=off, spans=()))
    assert check.failed
    assert "3 of 3" in check.detail
    assert "OTEL_SDK_DISABLED=true" in check.cause


def test_the_requests_before_the_stop_signal_are_another_checks_affair():
    whole = good()
    last = [answer.request for answer in whole.answers if answer.last]
    assert inbound.joins_our_traces(good(spans=without(whole.spans, *last))).outcome is Outcome.PASS


def test_some_spans_missing_is_loss_and_not_a_switch():
    check = inbound.joins_our_traces(good(spans=without(good().spans, ASKED[0])))
    assert "1 of 3" in check.detail
    assert "GET /" in check.detail
    assert "spans are lost" in check.cause


@pytest.mark.parametrize(
    ("name", "value", "word"),
    [
        ("OTEL_TRACES_SAMPLER", "traceidratio", "decides anew"),
        ("OTEL_PYTHON_EXCLUDED_URLS", "health", "leaves out"),
        ("OTEL_PYTHON_FLASK_EXCLUDED_URLS", "health", "leaves out"),
    ],
)
def test_settings_that_leave_out_requests_are_the_cause_of_gaps(name, value, word):
    image = dataclasses.replace(good().image, environment={name: value})
    check = inbound.joins_our_traces(good(image=image, spans=without(good().spans, ASKED[0])))
    assert word in check.cause
    assert f"{name}={value}" in check.cause


def test_a_parent_based_sampler_is_no_cause():
    image = dataclasses.replace(good().image, environment={"OTEL_TRACES_SAMPLER": "parentbased_traceidratio"})
    check = inbound.joins_our_traces(good(image=image, spans=without(good().spans, ASKED[0])))
    assert "spans are lost" in check.cause


def test_spans_in_other_traces_mean_that_headers_are_not_read():
    check = inbound.joins_our_traces(good(spans=changed(good().spans, trace_id="f" * 32)))
    assert "other traces" in check.detail
    assert "not read" in check.cause


def test_a_server_span_under_another_parent_fails():
    check = inbound.joins_our_traces(good(spans=changed(good().spans, parent_id="e" * 16)))
    assert check.failed
    assert "another parent" in check.detail


def test_an_inner_service_hangs_under_the_client_span_of_the_one_that_calls_it():
    asked = request(1, through=("shop", "stock"))
    outer = client_span(asked, source="shop")
    inner = server_span(asked, source="stock", parent=outer.span_id)
    evidence = good(name="stock", upstream="shop", answers=(Answer(asked, 200, 0, 1),), spans=(outer, inner))
    assert inbound.joins_our_traces(evidence).outcome is Outcome.PASS
    adrift = dataclasses.replace(inner, parent_id=asked.span_id)
    assert inbound.joins_our_traces(dataclasses.replace(evidence, spans=(outer, adrift))).failed


def test_a_missing_attribute_is_named_with_its_request():
    (first, *others) = good().spans
    bare = {name: value for name, value in first.attributes.items() if name != "client.address"}
    check = inbound.tells_what_was_asked(good(spans=(dataclasses.replace(first, attributes=bare), *others)))
    assert check.failed
    assert "no client.address (GET /)" in check.detail


def test_a_wrong_status_or_size_is_named_with_both_values():
    wrong = [server_span(ASKED[0], status=500), server_span(ASKED[1], http__request__body__size=4)]
    check = inbound.tells_what_was_asked(good(spans=tuple(wrong)))
    assert "http.response.status_code is 500, not 200" in check.detail
    assert "http.request.body.size is 4, not 5" in check.detail


def test_the_route_must_be_there_where_it_is_known():
    missing = server_span(ASKED[2], http__route=None)
    check = inbound.tells_what_was_asked(good(spans=(missing,)))
    assert "no http.route" in check.detail


def test_two_server_spans_for_a_request_fail_and_name_their_makers():
    again = server_span(ASKED[0], span_id="d" * 16)
    check = inbound.no_span_twice(good(spans=(*good().spans, again)))
    assert check.failed
    assert "several server spans" in check.detail


def test_the_same_span_twice_fails():
    assert inbound.no_span_twice(good(spans=good().spans * 2)).failed


def test_the_spans_of_others_do_not_count():
    strangers = changed(good().spans, source="other")
    check = inbound.joins_our_traces(good(spans=strangers))
    assert "it sent 0 spans in all" in check.detail


def test_without_any_request_nothing_is_proven():
    nothing = good(answers=(), spans=())
    assert inbound.joins_our_traces(nothing).outcome is Outcome.SKIP
    assert inbound.tells_what_was_asked(nothing).outcome is Outcome.SKIP
    assert inbound.no_span_twice(nothing).outcome is Outcome.SKIP


def test_a_bypassed_loader_is_told_of_a_silent_service():
    process = Process(7, "/usr/bin/python3.13", ("python", "-S", "app.py"))
    check = inbound.joins_our_traces(good(spans=(), inside=Inside(processes=(process,))))
    assert "-S" in check.cause


def test_an_image_that_is_not_on_the_base_is_told_so_of_its_missing_spans():
    check = inbound.joins_our_traces(good(spans=(), standing=Standing(False, "other layers")))
    assert "not built on the base" in check.cause


def test_an_internal_span_is_no_server_span():
    check = inbound.joins_our_traces(good(spans=changed(good().spans, kind=Kind.INTERNAL)))
    assert check.failed


def test_spans_in_other_traces_at_the_edge_are_meant_to_be_there():
    image = dataclasses.replace(good().image, environment={"TRACING_BOOTSTRAP_EDGE": "true"})
    check = inbound.joins_our_traces(good(image=image, spans=changed(good().spans, trace_id="f" * 32)))
    assert check.failed
    assert "at the edge" in check.cause
