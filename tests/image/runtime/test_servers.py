"""Servers other than gunicorn, applications without a framework, with and without tini as the first process."""

import json
import signal

import pytest

from buildkit.values.span import Kind, Status
from tests.caller import Caller
from tests.image.runtime.scene import AT_THE_END, assert_as_quick

REQUESTS = 6
SERVERS = {
    "werkzeug": ("python", "app.py"),
    "flask run": ("flask", "run", "--host=0.0.0.0", "--port=8000"),
    "wsgiref": ("python", "bare.py"),
    "gunicorn": ("gunicorn", "bare:application"),
}
# The kernel does not deliver to PID 1 what PID 1 has no handler for: such a server ignores SIGTERM by itself.
IGNORES_SIGTERM_AS_PID_1 = {"werkzeug", "flask run", "wsgiref"}


@pytest.mark.parametrize("server", SERVERS)
@pytest.mark.parametrize("tini", [True, False], ids=["under tini", "as PID 1"])
def test_the_last_spans_of_every_server_arrive_and_it_ends_as_it_always_did(launch, shop, server, tini):
    program, *arguments = SERVERS[server]
    command = [program, *arguments] if tini else arguments
    options = {} if tini else {"entrypoint": [program]}
    ignores = not tini and server in IGNORES_SIGTERM_AS_PID_1
    callers = [Caller() for _ in range(REQUESTS)]

    def run(*, traced):
        environment = {"OTEL_BSP_SCHEDULE_DELAY": AT_THE_END}
        service = launch(shop, *command, environment=environment, traced=traced, **options)
        return service, service.ask("/call", *callers), service.stop(grace=1.5 if ignores else 20)

    service, answers, stopped = run(traced=True)
    for caller in callers:
        one, other = service.spans(caller)
        assert (one.kind, one.parent_id) == (Kind.SERVER, caller.span_id)
        assert (other.kind, other.parent_id) == (Kind.CLIENT, one.span_id)
    _, bare_answers, bare = run(traced=False)
    assert answers == bare_answers
    assert stopped.code == bare.code
    assert stopped.code == (137 if ignores else 0 if server == "gunicorn" else 143)
    assert_as_quick(
        stopped.seconds,
        bare.seconds,
        again=lambda: tuple(run(traced=traced)[2].seconds for traced in (True, False)),
    )


@pytest.mark.parametrize("server", SERVERS)
def test_a_span_whose_answer_is_just_out_when_sigterm_comes_arrives_as_well(run, scene, shop, server):
    source = f"at-once-{server.replace(' ', '-')}"
    environment = scene.environment(
        # The one who asks is not traced; it switches tracing on for the server.
        source,
        more={"OTEL_BSP_SCHEDULE_DELAY": AT_THE_END, "OTEL_SDK_DISABLED": "true"},
    )
    command = ("python", "at_once.py", *SERVERS[server])
    ended = run(shop, *command, environment=environment, network_mode=scene.network.name)
    (line,) = [line for line in ended.out.splitlines() if line.startswith("ENDED ")]
    arrived = {span.trace_id: span for span in scene.store.spans() if span.source == source}
    for code, traces in json.loads(line.removeprefix("ENDED ")):
        assert code == (0 if server == "gunicorn" else -signal.SIGTERM)
        assert [arrived[trace].attributes["http.response.status_code"] for trace in traces] == [200] * len(
            traces
        )
    assert "tracing:" not in ended.err


@pytest.mark.parametrize("server", sorted(IGNORES_SIGTERM_AS_PID_1))
def test_a_server_that_ignores_sigterm_goes_on_being_traced(launch, shop, server):
    program, *arguments = SERVERS[server]
    service = launch(
        shop, *arguments, entrypoint=[program], environment={"OTEL_BSP_SCHEDULE_DELAY": AT_THE_END}
    )
    for _ in range(2):
        caller = Caller()
        service.ask("/echo/1", caller)
        service.raw.kill(signal="SIGTERM")
        service.wait_for_spans(1, caller)
    assert "tracing:" not in service.err()


@pytest.mark.parametrize("server", ["werkzeug", "gunicorn of Flask"])
def test_a_servers_span_tells_what_can_be_gleaned(launch, shop, server):
    service = launch(shop, *(SERVERS.get(server) or ("gunicorn", "app:app")))
    caller = Caller()
    status, body = service.post("/echo/7?token=secret&page=2", b"x" * 300, traceparent=caller.traceparent)
    assert (status, body) == (200, "7 300")
    (span,) = service.wait_for_spans(1, caller)
    told = span.attributes
    assert span.name == "POST /echo/<int:number>"
    assert told["http.request.method"] == "POST"
    assert told["http.route"] == "/echo/<int:number>"
    assert told["http.response.status_code"] == 200
    assert told["http.request.body.size"] == 300
    assert told["http.response.body.size"] == len("7 300")
    assert told["url.path"] == "/echo/7"
    assert "secret" not in told["url.query"]
    assert "page=2" in told["url.query"]
    assert told["client.address"] == told["network.peer.address"]
    assert told["user_agent.original"].startswith("Python-urllib")
    assert span.start < span.end


def test_a_client_behind_a_proxy_is_told_by_its_own_address(launch, shop):
    service = launch(shop)
    caller = Caller()
    service.ask("/echo/1", caller, x_forwarded_for="203.0.113.9, 10.0.0.1")
    (span,) = service.wait_for_spans(1, caller)
    assert span.attributes["client.address"] == "203.0.113.9"


@pytest.mark.parametrize("server", ["werkzeug", "gunicorn of Flask"])
def test_an_exception_is_on_the_span_and_the_answer_is_the_frameworks(launch, shop, server):
    service = launch(shop, *(SERVERS.get(server) or ("gunicorn", "app:app")))
    caller = Caller()
    assert service.status("/broken", traceparent=caller.traceparent) == 500
    (span,) = service.wait_for_spans(1, caller)
    assert span.status == Status.ERROR
    assert span.attributes["error.type"] == "LookupError"
    (event,) = span.events
    assert event.name == "exception"
    assert "no such product" in event.attributes["exception.stacktrace"]


def test_a_page_that_is_not_there_is_no_error_of_the_server(launch, shop):
    service = launch(shop)
    caller = Caller()
    assert service.status("/nonesuch", traceparent=caller.traceparent) == 404
    (span,) = service.wait_for_spans(1, caller)
    assert (span.name, span.status) == ("GET", Status.UNSET)
    assert span.attributes["http.response.status_code"] == 404


def test_a_caller_who_does_not_sample_gets_no_span_but_the_trace_goes_on(launch, shop):
    service = launch(shop)
    caller = Caller()
    service.get("/call", traceparent=caller.traceparent[:-2] + "00")
    (call,) = service.calls(caller)
    assert call.header("traceparent").endswith("-00")
    stopped = service.stop()
    assert service.spans(caller) == [], stopped.err


def test_tracestate_and_baggage_go_on_to_whom_the_service_calls(launch, shop):
    service = launch(shop)
    caller = Caller()
    service.ask("/call", caller, tracestate="vendor=1,other=2", baggage="customer=gold,region=eu;ttl=1")
    (call,) = service.calls(caller)
    assert call.header("tracestate") == "vendor=1,other=2"
    assert call.header("baggage") == "customer=gold,region=eu;ttl=1"
