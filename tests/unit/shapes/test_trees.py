from buildkit.values.span import Kind, Link, Span, Status
from tests.shapes import trees
from tests.shapes.row import CLIENT, CONSUMER, INTERNAL, PRODUCER, SERVER, SERVER_AND_CLIENT, Node

TRACE = "a" * 32


def span(kind, identifier, parent, name="GET", **more):
    more = {"trace_id": TRACE, **more}
    return Span(span_id=identifier, parent_id=parent, name=name, kind=kind, **more)


SERVED = span(Kind.SERVER, "s", "caller", attributes={"url.path": "/work/3"})
CALLED = span(Kind.CLIENT, "c", "s")


def found(node, *spans, parent="caller", number=3):
    return trees.problems(node, spans, parent=parent, number=number)


def test_the_expected_spans_and_no_others_are_right():
    assert found(SERVER_AND_CLIENT, SERVED, CALLED) == []
    assert found(SERVER_AND_CLIENT, CALLED, SERVED) == []


def test_a_span_that_is_missing_doubled_or_elsewhere_is_wrong():
    assert found(SERVER_AND_CLIENT, SERVED)
    assert found(SERVER_AND_CLIENT)
    assert found(SERVER_AND_CLIENT, SERVED, CALLED, span(Kind.CLIENT, "d", "s"))
    assert found(SERVER_AND_CLIENT, SERVED, CALLED, span(Kind.SERVER, "d", "caller"))
    assert found(SERVER_AND_CLIENT, SERVED, span(Kind.CLIENT, "c", "caller"))
    assert found(SERVER_AND_CLIENT, SERVED, span(Kind.CLIENT, "c", "s", trace_id="b" * 32))


def test_a_span_below_another_parent_is_not_the_requests():
    assert found(SERVER_AND_CLIENT, SERVED, CALLED, parent="other")


def test_names_values_and_predicates_are_looked_at_with_the_requests_number():
    def node(**more):
        return Node(SERVER, below=(Node(CLIENT),), **more)

    assert not found(node(attributes={"url.path": "/work/{n}"}), SERVED, CALLED)
    assert found(node(attributes={"url.path": "/work/{n}"}), SERVED, CALLED, number=4)
    assert not found(node(attributes={"url.path": str}), SERVED, CALLED)
    assert found(node(attributes={"url.path": lambda path: path is None}), SERVED, CALLED)
    assert found(node(name="POST"), SERVED, CALLED)
    assert found(node(status="ERROR"), SERVED, CALLED)
    assert found(node(scope="tracing_bootstrap"), SERVED, CALLED)


def test_braces_of_a_route_stay():
    node = Node(SERVER, "GET /work/{number}")
    assert not found(node, span(Kind.SERVER, "s", "caller", "GET /work/{number}"))


def test_siblings_may_come_in_any_order_and_each_is_used_once():
    node = Node(SERVER, below=(Node(CLIENT), Node(CLIENT, "POST")))
    post = span(Kind.CLIENT, "d", "s", "POST")
    assert not found(node, SERVED, post, CALLED)
    assert not found(node, SERVED, CALLED, post)
    assert found(node, SERVED, CALLED, span(Kind.CLIENT, "d", "s"))


def test_a_linked_span_may_have_a_trace_of_its_own_but_must_have_the_link():
    node = Node(SERVER, below=(Node(PRODUCER, below=(Node(CONSUMER, linked=True, below=(Node(CLIENT),)),)),))
    sent = span(Kind.PRODUCER, "p", "s")
    other = "b" * 32
    taken = span(Kind.CONSUMER, "t", "", trace_id=other, links=(Link(TRACE, "p"),))
    called = span(Kind.CLIENT, "c", "t", trace_id=other)
    assert not found(node, SERVED, sent, taken, called)
    assert found(node, SERVED, sent, span(Kind.CONSUMER, "t", "", trace_id=other), called)


def test_where_no_span_should_be_each_that_came_is_named():
    assert found(None) == []
    assert "GET" in found(None, SERVED)[0]


def test_what_is_wrong_shows_both_trees():
    (text,) = found(Node(SERVER, "GET /x", {"a": 1}, below=(Node(INTERNAL),)), SERVED, CALLED)
    expected, _, came = text.partition("came")
    assert "SERVER 'GET /x' a=1\n    INTERNAL" in expected
    assert "SERVER 'GET'" in came
    assert "\n    CLIENT 'GET'" in came
    assert Status.UNSET.name in came
