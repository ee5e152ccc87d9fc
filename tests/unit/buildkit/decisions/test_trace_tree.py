from hypothesis import given
from hypothesis import strategies as st

from buildkit.decisions.trace_tree import cells, rows, worth_showing
from buildkit.values.call import Answer
from buildkit.values.span import Kind, Span
from tests.unit.buildkit.evidence import request

TRACE = "1" * 32


def span(span_id, parent="", start=0, trace=TRACE):
    return Span(trace_id=trace, span_id=span_id, parent_id=parent, name=span_id, start=start)


def drawn(*spans):
    return [row.branch + row.span.name for row in rows(spans, trace_id=TRACE)]


def test_children_stand_below_their_parent_by_their_start():
    assert drawn(
        span("c", "a", 3), span("a", "outside", 1), span("b", "a", 2), span("d", "b", 4), span("e", "c", 5)
    ) == ["a", "├─ b", "│  └─ d", "└─ c", "   └─ e"]


def test_an_orphan_stands_at_the_top():
    assert drawn(span("a", "", 1), span("b", "gone", 2)) == ["a", "b"]


def test_other_traces_are_left_out():
    assert drawn(span("a"), span("b", trace="2" * 32)) == ["a"]


def test_a_circle_is_drawn_once():
    assert drawn(span("a", "b", 1), span("b", "a", 2)) == ["a", "└─ b"]
    assert drawn(span("a", "a")) == ["a"]


def test_a_trace_deeper_than_pythons_stack_is_drawn():
    chain = [span(f"{number}", f"{number - 1}", number) for number in range(1, 3000)]
    assert len(rows(chain, trace_id=TRACE)) == 2999


names = st.sampled_from("abcdefgh")


@given(st.dictionaries(names, names | st.just("")))
def test_every_span_is_drawn_exactly_once(parents):
    spans = [span(name, parent) for name, parent in parents.items()]
    assert sorted(row.span.name for row in rows(spans, trace_id=TRACE)) == sorted(parents)


def test_the_longest_trace_of_each_kind_of_request_is_shown_first():
    short, long, same = request(1), request(2, path="/p/1", route="/p"), request(3, path="/p/2", route="/p")
    spans = [
        span("a", trace=short.trace_id),
        *[span(name, trace=long.trace_id) for name in "bcd"],
        *[span(name, trace=same.trace_id) for name in "ef"],
    ]
    answers = [Answer(asked, 200, 0, 1) for asked in (short, long, same, request(9))]
    assert [answer.request for answer in worth_showing(answers, spans=spans, most=5)] == [long, short]
    assert len(worth_showing(answers, spans=spans, most=1)) == 1


def test_a_line_has_what_the_span_knows():
    whole = Span(
        trace_id=TRACE,
        span_id="a",
        parent_id="",
        name="POST /orders",
        kind=Kind.SERVER,
        start=0,
        end=2_500_000,
        attributes={
            "http.route": "/orders",
            "http.response.status_code": 500,
            "error.type": "builtins.LookupError",
            "client.address": "10.0.0.1",
            "http.request.body.size": 29,
        },
    )
    assert cells(whole) == ("server", "2.5 ms", "/orders", "500 LookupError", "10.0.0.1", "29 B")
    assert cells(span("a")) == ("unspecified", "0.0 ms", "", "", "", "")


def test_an_error_that_only_repeats_the_status_is_not_said_twice():
    failing = Span(TRACE, "a", "", "x", attributes={"http.response.status_code": 404, "error.type": "404"})
    assert cells(failing)[3] == "404"
