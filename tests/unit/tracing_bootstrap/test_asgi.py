"""What an ASGI server's request leaves: driven as a server drives it, read back from what leaves the process."""

import asyncio
import contextlib
import traceback

import pytest
from opentelemetry.proto.trace.v1.trace_pb2 import ScopeSpans
from order_request import ATTRIBUTES

from tracing_bootstrap.instrumentation import asgi
from tracing_bootstrap.instrumentation.asgi_span import AsgiSpan
from tracing_bootstrap.recorder import otlp, tracer
from tracing_bootstrap.recorder.context import current
from tracing_bootstrap.recorder.span import CLIENT, Span

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
PARENT = "b7ad6b7169203331"
SAMPLED = (b"traceparent", f"00-{TRACE}-{PARENT}-01".encode())
START = {"type": "http.response.start", "status": 200, "headers": []}
END = {"type": "http.response.body", "body": b"hello"}

HTTP = {
    "type": "http",
    "asgi": {"version": "3.0"},
    "http_version": "1.1",
    "method": "POST",
    "scheme": "http",
    "path": "/orders/café",
    "raw_path": b"/orders/caf%C3%A9",
    "query_string": b"token=abc&page=2",
    "root_path": "",
    "client": ("10.0.0.9", 4711),
    "server": ("10.0.0.1", 8000),
    "headers": [
        SAMPLED,
        (b"host", b"shop:8000"),
        (b"user-agent", b"curl/8"),
        (b"x-forwarded-for", b"203.0.113.7"),
        (b"content-length", b"12"),
    ],
}
WEBSOCKET = {
    "type": "websocket",
    "path": "/echo",
    "query_string": b"",
    "headers": [SAMPLED, (b"host", b"shop")],
}


@pytest.fixture(autouse=True)
def ended(monkeypatch):
    """The spans that ended, in their order; nothing is exported."""
    monkeypatch.setenv("TRACING_BOOTSTRAP_STRICT", "1")
    monkeypatch.setenv("OTEL_TRACES_EXPORTER", "none")
    monkeypatch.setattr(tracer, "excluded", None)
    spans = []
    monkeypatch.setattr(tracer.get(), "take", spans.append)
    return spans


async def nothing(message=None):
    """What a server does with a message, or says, here."""


def serve(app, scope=HTTP):
    """Call the application as a server does: in a task of the request's own."""

    async def request():
        await asyncio.create_task(asgi.traced(app)(scope, nothing, nothing))

    asyncio.run(request())


def read(span):
    scope = ScopeSpans()
    scope.ParseFromString(otlp.encode_span(span, 0))
    (decoded,) = scope.spans
    found = {pair.key: pair.value.string_value or pair.value.int_value for pair in decoded.attributes}
    return decoded, found


def served(app, ended, scope=HTTP):
    serve(app, scope)
    (span,) = ended
    return read(span)


async def answer(scope, receive, send):
    await send(START)
    await send(END)


def test_the_conventions_attributes_are_there(ended):
    decoded, found = served(answer, ended)
    assert (decoded.name, decoded.kind, decoded.status.code) == ("POST", 2, 0)
    assert (decoded.trace_id.hex(), decoded.parent_span_id.hex()) == (TRACE, PARENT)
    assert found == ATTRIBUTES


def test_what_a_server_need_not_tell_is_told_from_elsewhere(ended):
    scope = {key: HTTP[key] for key in ("type", "method", "http_version", "path", "query_string", "server")}
    found = served(answer, ended, scope | {"headers": []})[1]
    assert (found["url.path"], found["server.address"], found["server.port"]) == (
        "/orders/caf%C3%A9",
        "10.0.0.1",
        8000,
    )
    assert "client.address" not in found


@pytest.mark.parametrize("server", [None, ("/run/service.sock", None)])
def test_a_server_without_an_address_is_one_all_the_same(server, ended):
    scope = HTTP | {"server": server, "client": None, "headers": [SAMPLED]}
    assert served(answer, ended, scope)[1].get("server.address") == (server[0] if server else None)


def test_the_span_is_current_in_the_application_and_in_its_tasks_and_nowhere_else(ended):
    seen = []

    async def app(scope, receive, send):
        seen.append(current.get())
        await asyncio.create_task(note())
        await answer(scope, receive, send)

    async def note():
        seen.append(current.get())

    async def request():
        await asyncio.create_task(asgi.traced(app)(HTTP, nothing, nothing))
        assert current.get() is None

    asyncio.run(request())
    assert seen == ended * 2


def test_the_span_ends_with_the_response_and_what_comes_after_is_still_below_it(ended):
    after = []

    async def app(scope, receive, send):
        await send(START)
        await send(END | {"more_body": True})
        assert not ended
        await send(END)
        assert len(ended) == 1
        after.append(tracer.child(Span, "in the background", CLIENT))
        raise LookupError("nobody asked for it any more")

    with pytest.raises(LookupError):
        serve(app)
    (span,) = ended
    assert after[0].parent_id == span.span_id
    assert read(span)[0].status.code == 0
    assert read(span)[1]["http.response.body.size"] == 10


def test_a_head_request_has_no_body(ended):
    found = served(answer, ended, HTTP | {"method": "HEAD"})[1]
    assert "http.response.body.size" not in found


def test_what_escapes_before_the_answer_is_a_500(ended):
    async def app(scope, receive, send):
        raise LookupError("none")

    with pytest.raises(LookupError) as raised:
        serve(app)
    decoded, found = read(ended[0])
    assert (decoded.status.code, found["http.response.status_code"]) == (2, 500)
    assert (found["error.type"], decoded.events[0].name) == ("LookupError", "exception")
    assert asgi.__file__ not in {frame.filename for frame in traceback.extract_tb(raised.tb)}


def test_what_breaks_a_response_off_is_an_error_with_the_status_that_was_sent(ended):
    async def app(scope, receive, send):
        await send(START)
        raise LookupError("none")

    with pytest.raises(LookupError):
        serve(app)
    decoded, found = read(ended[0])
    assert (decoded.status.code, found["http.response.status_code"]) == (2, 200)
    assert found["error.type"] == "LookupError"


def test_an_exception_that_the_framework_answers_with_a_500_is_recorded(ended):
    async def app(scope, receive, send):
        try:
            raise LookupError("none")
        except LookupError:
            await send(START | {"status": 500})
            await send(END)

    assert served(app, ended)[1]["error.type"] == "LookupError"


@pytest.mark.parametrize(("status", "error"), [(404, None), (503, "503")])
def test_only_a_5xx_answer_is_an_error_of_the_server(status, error, ended):
    async def app(scope, receive, send):
        with contextlib.suppress(LookupError):
            raise LookupError("handled long ago")
        await send(START | {"status": status})
        await send(END)

    decoded, found = served(app, ended)
    assert (decoded.status.code, found.get("error.type")) == (2 if error else 0, error)


def test_a_client_that_goes_away_is_no_error(ended):
    async def app(scope, receive, send):
        await asyncio.Event().wait()

    async def request():
        task = asyncio.create_task(asgi.traced(app)(HTTP, nothing, nothing))
        await asyncio.sleep(0)
        task.cancel()
        await asyncio.wait([task])
        return task.cancelled()

    assert asyncio.run(request())
    decoded, found = read(ended[0])
    assert decoded.status.code == 0
    assert "http.response.status_code" not in found


def test_a_websocket_is_one_span_from_its_handshake_to_its_close(ended):
    async def app(scope, receive, send):
        await send({"type": "websocket.accept"})
        await send({"type": "websocket.send", "text": "hello"})
        assert not ended
        await send({"type": "websocket.close"})

    decoded, found = served(app, ended, WEBSOCKET)
    assert decoded.name == "GET"
    assert found["http.response.status_code"] == 101
    assert (found["url.scheme"], found["server.port"], found["network.protocol.version"]) == ("ws", 80, "1.1")


@pytest.mark.parametrize(
    ("message", "status"),
    [
        ({"type": "websocket.close"}, 403),
        ({"type": "websocket.http.response.start", "status": 401, "headers": []}, 401),
    ],
)
def test_a_websocket_that_is_refused_has_the_status_of_the_refusal(message, status, ended):
    async def app(scope, receive, send):
        await send(message)

    assert served(app, ended, WEBSOCKET)[1]["http.response.status_code"] == status


def test_a_websocket_over_http_2_is_asked_for_with_connect(ended):
    decoded, found = served(answer, ended, WEBSOCKET | {"http_version": "2", "scheme": "wss"})
    assert (decoded.name, found["server.port"]) == ("CONNECT", 443)


def test_the_lifespan_has_no_span_and_no_frame_of_ours(ended):
    async def app(scope, receive, send):
        assert current.get() is None

    served_by = asgi.traced(app)({"type": "lifespan"}, nothing, nothing)
    assert served_by.cr_code is app.__code__
    asyncio.run(served_by)
    assert not ended


def test_two_traceparent_headers_are_none(ended):
    headers = [SAMPLED, (b"traceparent", f"00-{'1' * 32}-{PARENT}-01".encode())]
    assert served(answer, ended, HTTP | {"headers": headers})[0].parent_span_id == b""


def test_tracestate_in_several_headers_is_one_list(ended):
    headers = [SAMPLED, (b"tracestate", b"a=1"), (b"accept", b"*/*"), (b"tracestate", b"b=2")]
    assert served(answer, ended, HTTP | {"headers": headers})[0].trace_state == "a=1,b=2"


def test_a_header_that_is_no_text_stops_nothing(ended):
    headers = [(b"traceparent", b"\xff\xfe"), (b"host", b"\xff"), (b"user-agent", b"\x00")]
    assert served(answer, ended, HTTP | {"headers": headers})[0].parent_span_id == b""


def test_an_excluded_url_has_no_span_and_is_in_no_other_s(ended, monkeypatch):
    monkeypatch.setattr(tracer, "excluded", lambda url: url == "http://shop:8000/orders/café")

    async def app(scope, receive, send):
        assert current.get() is None
        await answer(scope, receive, send)

    async def request():
        # As on a kept connection, whose last request had one.
        current.set(AsgiSpan(TRACE, PARENT, 1, "", "", None))
        await asgi.traced(app)(HTTP, nothing, nothing)

    asyncio.run(request())
    assert not ended


def test_a_request_that_is_not_sampled_carries_its_trace_on(ended):
    seen = []

    async def app(scope, receive, send):
        seen.append(current.get())
        await answer(scope, receive, send)

    serve(app, HTTP | {"headers": [(b"traceparent", f"00-{TRACE}-{PARENT}-00".encode())]})
    assert not ended
    assert (seen[0].trace_id, seen[0].flags) == (TRACE, 0)


def test_an_application_is_traced_once_and_looks_like_itself():
    answer.name = "shop"
    once = asgi.traced(answer)
    assert asgi.traced(once) is once
    assert once.name == "shop"


def test_two_requests_that_differ_in_one_thing_are_not_mixed_up(ended):
    first = served(answer, ended)[1]
    for key, value, attribute, expected in (
        ("method", "PUT", "http.request.method", "PUT"),
        ("raw_path", b"/other", "url.path", "/other"),
        ("client", ("10.0.0.10", 1), "network.peer.address", "10.0.0.10"),
        ("http_version", "2", "network.protocol.version", "2"),
    ):
        assert first[attribute] != expected
        ended.clear()
        assert served(answer, ended, HTTP | {key: value})[1][attribute] == expected
