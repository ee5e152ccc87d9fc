import dataclasses

from buildkit.decisions import egress
from buildkit.decisions.checks import outgoing
from buildkit.values.call import Answer, Call, Contact, Unread
from buildkit.values.check import Outcome
from buildkit.values.span import Kind, Span
from tests.unit.buildkit.evidence import good, request

# Three requests, a second apart, each a tenth of a second long.
ASKED = tuple(request(number) for number in (1, 2, 3))
ANSWERS = tuple(
    Answer(asked, 200, float(number), number + 0.1) for number, asked in enumerate(ASKED, start=10)
)


def caught(arrived, *, trace="", host="inventory", path="/items", port=8080):
    headers = (("traceparent", f"00-{trace}-{'c' * 16}-01"),) if trace else ()
    return Call("GET", path, headers, arrived, host=host, port=port, peer="172.18.0.3")


def sort(*calls, before=()):
    return egress.sort(calls, answers=ANSWERS, before=before)


def test_a_call_that_carries_a_requests_trace_is_its_doing_whenever_it_is_made():
    late = caught(90.0, trace=ASKED[0].trace_id)
    assert sort(late).judged == (late,)


def test_a_call_without_a_trace_in_the_time_of_several_requests_is_theirs():
    calls = (caught(10.05), caught(11.05))
    assert sort(*calls).judged == calls


def test_a_call_right_behind_an_answer_is_still_the_requests_doing():
    calls = (caught(10.05), caught(11.1 + egress.AFTER / 2))
    assert sort(*calls).judged == calls


def test_a_single_one_may_be_chance():
    call = caught(10.05)
    assert sort(call).doubtful == (call,)
    assert egress.to_ask_again([call], answers=ANSWERS, before=()) == (ASKED[0],)


def test_a_call_that_is_made_between_requests_too_is_the_services_own():
    calls = (caught(10.05), caught(10.7), caught(11.05))
    assert sort(*calls).background == calls
    assert egress.to_ask_again(calls, answers=ANSWERS, before=()) == ()


def test_a_call_that_was_made_before_any_request_is_the_services_own():
    calls = (caught(10.05), caught(11.05))
    assert sort(*calls, before=[caught(1.0)]).background == calls


def test_another_name_port_or_path_is_another_call():
    calls = (caught(10.05), caught(11.05))
    for other in (caught(10.7, host="x"), caught(10.7, port=80), caught(10.7, path="/x")):
        assert set(calls) <= set(sort(*calls, other).judged)


def test_a_query_does_not_make_another_call():
    calls = (caught(10.05, path="/items?page=1"), caught(11.05, path="/items?page=2"))
    assert sort(*calls).judged == calls


def test_telemetry_is_nobodys_request():
    paths = (
        "/v1/traces",
        "/v1/metrics",
        "/api/7/envelope/",
        "/v0.4/traces",
        "/opentelemetry.proto.collector.trace.v1.T/Export",
    )
    for path in paths:
        calls = (caught(10.05, path=path), caught(11.05, path=path))
        assert sort(*calls).background == calls


def test_a_call_to_the_address_that_we_gave_is_always_judged():
    call = Call("GET", "/called", (), 10.7)
    assert sort(call).judged == (call,)


def test_another_trace_in_the_time_of_several_requests_is_judged_as_well():
    calls = (caught(10.05, trace="d" * 32), caught(11.05, trace="e" * 32))
    assert sort(*calls).judged == calls


def test_the_port_of_a_call_that_was_refused_is_told_by_its_span():
    have = {"server.address": "stock", "server.port": 23456, "error.type": "ConnectionRefusedError"}
    span = Span("1" * 32, "2" * 16, "", "GET", kind=Kind.CLIENT, attributes=have)
    assert egress.refused_ports([span], names=["stock"]) == {23456}
    assert egress.refused_ports([span], names=["other"]) == frozenset()
    answered = dataclasses.replace(span, attributes={**have, "http.response.status_code": 500})
    assert egress.refused_ports([answered], names=["stock"]) == frozenset()


def seen(*calls, **changes):
    return good(answers=ANSWERS, calls=calls, **changes)


def test_the_check_names_whom_the_service_called_without_its_trace():
    check = outgoing.carries_on(seen(caught(10.05), caught(11.05)))
    assert check.failed
    assert "2 of 2 outgoing calls had no traceparent (GET http://inventory:8080/items)" in check.detail


def test_what_nobody_can_read_is_not_provable():
    contact = Contact("api.example.com", 443, Unread.UNTRUSTED, 10.05)
    check = outgoing.carries_on(seen(contacts=(contact,)))
    assert check.outcome is Outcome.SKIP
    assert "api.example.com:443 over TLS" in check.detail


def test_a_name_that_was_looked_up_and_not_called_is_told():
    check = outgoing.carries_on(seen(looked_up=("db", "cache"), contacts=()))
    assert "it looked up db, cache" in check.detail
    other = outgoing.carries_on(seen(contacts=(Contact("", 7777, Unread.NOT_HTTP, 10.05),)))
    assert "connected to somebody:7777 (in another protocol than HTTP)" in other.detail


def test_where_nothing_can_be_caught_that_is_said():
    assert "relay cannot run" in outgoing.carries_on(seen(catching=False)).detail
    assert "relay" not in outgoing.carries_on(seen()).detail


def test_a_service_that_must_call_and_calls_only_by_itself_fails():
    check = outgoing.carries_on(seen(caught(10.7), must_call_out=True))
    assert check.failed
    assert "by itself" in check.detail


def test_companions_are_asked_of_calls_in_our_traces_only():
    calls = (caught(10.05, trace="d" * 32), caught(11.05, trace="e" * 32))
    assert outgoing.carries_companions(seen(*calls)).outcome is Outcome.SKIP
