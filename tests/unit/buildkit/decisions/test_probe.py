import random

from hypothesis import given
from hypothesis import strategies as st

from buildkit.decisions import probe


@given(st.integers())
def test_every_request_has_a_trace_of_its_own_and_a_valid_traceparent(seed):
    ids = random.Random(seed)
    asked = probe.image_requests(ids, service="s") + probe.last_requests(ids, through=("s",))
    assert len({request.trace_id for request in asked}) == len(asked)
    assert all(len(request.traceparent) == 55 and request.traceparent.endswith("-01") for request in asked)


def test_any_image_is_asked_at_least_six_times_with_a_body_and_for_a_missing_page():
    asked = probe.image_requests(random.Random(1), service="s", path="/a?b=c")
    assert len(asked) >= 6
    assert any(request.body for request in asked)
    assert any("no-such-page" in request.path for request in asked)
    assert "/a?b=c&verify=1&name=a%20b" in [request.path for request in asked]
    assert all(request.path.isascii() for request in asked)


def test_the_sample_company_is_asked_through_the_whole_chain():
    asked = probe.company_requests(random.Random(1), chain=("a", "b", "c"))
    assert {request.through for request in asked} == {("a",), ("a", "b"), ("a", "b", "c")}


def test_six_requests_come_last():
    assert len(probe.last_requests(random.Random(1), through=("s",))) == 6


def test_knocking_leaves_no_spans():
    _, traceparent = probe.readiness_request(random.Random(1), path="/")
    assert traceparent.endswith("-00")
