"""Headers that are malformed or meant to harm: the answer is as ever, a new trace starts, memory stays bounded."""

import socket

import pytest

from tests.caller import Caller

VALID = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
TRACE = VALID[3:35]
HEADERS = {
    "over-long": [("traceparent", VALID + "-" + "a" * 7000)],
    "not ASCII": [("traceparent", "00-\xe4\xf6\xfc-\xff\xfe-01")],
    "ids of letters that look like digits": [("traceparent", VALID.replace("0af7", "\xb2\xb3\xb9\xbc"))],
    "given twice": [("traceparent", VALID), ("traceparent", VALID)],
    "the forbidden version": [("traceparent", "ff" + VALID[2:])],
    "more than version 00 has": [("traceparent", VALID + "-more")],
    "upper case": [("traceparent", VALID.upper())],
    "no trace": [("traceparent", "00-" + "0" * 32 + "-b7ad6b7169203331-01")],
    "no span": [("traceparent", "00-0af7651916cd43dd8448eb211c80319c-" + "0" * 16 + "-01")],
    "empty": [("traceparent", "")],
    "cut short": [("traceparent", VALID[:-1])],
    "too long an id": [("traceparent", VALID.replace("0af7", "0af77"))],
    "control characters": [("traceparent", "00-\x01\x02-\x7f-01")],
}
# The parent is fine, and its company is not: the trace goes on without it.
COMPANY = {
    "a tracestate that is not ASCII": [("tracestate", "a=\xff\xfe")],
    "an over-long tracestate": [("tracestate", ",".join(f"k{n}={'v' * 200}" for n in range(38)))],
    "a tracestate without a value": [("tracestate", "a")],
    "a baggage of rubbish": [("baggage", "=;=,;,=\xff;%%%" * 50)],
    "an over-long baggage": [("baggage", "k=" + "v" * 8000)],
    "a forged client address": [("x-forwarded-for", "\xff," * 900), ("forwarded", "for=" + "[" * 2000)],
    "a user agent that is not ASCII": [("user-agent", "\xe4" * 3000)],
}
SERVERS = {
    "gunicorn": ("gunicorn", "-k", "gthread", "-w", "1", "app:app"),
    "werkzeug": ("python", "app.py"),
    "wsgiref": ("python", "bare.py"),
}
HOSTILE_REQUESTS = 3000
GROWTH_AT_MOST_KB = 6 * 1024


@pytest.fixture(scope="module", params=SERVERS)
def service(request, scene, shop):
    service = scene.start(shop, *SERVERS[request.param])
    service.path = "/call"
    yield service
    service.container.stop()


def send(service, path, headers, *, connection=None):
    """The answer to a request whose headers go out as they are, byte by byte."""
    with socket.create_connection(service.address, timeout=10) as sock:
        lines = [f"GET {path} HTTP/1.1", "Host: shop", *(f"{name}: {value}" for name, value in headers)]
        sock.sendall("\r\n".join([*lines, "Connection: close", "", ""]).encode("latin-1"))
        answer = b""
        while part := sock.recv(65536):
            answer += part
    return answer


def without_date(answer):
    return [line for line in answer.split(b"\r\n") if not line.lower().startswith(b"date:")]


@pytest.fixture(scope="module")
def bare(scene, shop):
    """The same servers without tracing, started as they are asked for."""
    started = {}

    def bare_of(service):
        command = tuple(service.raw.attrs["Config"]["Cmd"])
        if command not in started:
            started[command] = scene.start(shop, *command, traced=False)
        return started[command]

    yield bare_of
    for one in started.values():
        one.container.stop()


@pytest.mark.parametrize("what", HEADERS)
def test_the_answer_is_as_ever_and_a_new_trace_starts(service, bare, what):
    before = len(service.calls_of_all())
    answer = send(service, "/call", HEADERS[what])
    assert without_date(answer) == without_date(send(bare(service), "/call", HEADERS[what]))
    # A server may refuse such a request itself (a control character, say), with or without us.
    assert answer.startswith((b"HTTP/1.1 200", b"HTTP/1.0 200", b"HTTP/1.1 400"))
    if b" 200 " in answer[:20]:
        call = service.calls_of_all()[before]
        parent = call.header("traceparent")
        assert len(parent) == len(VALID)
        assert TRACE not in parent
        trace_id = parent[3:35]
        server, client = service.wait_for_spans(2, Caller(trace_id, ""))
        assert (server.parent_id, client.parent_id) == ("", server.span_id)


@pytest.mark.parametrize("what", COMPANY)
def test_what_comes_with_a_parent_may_be_rubbish_and_the_trace_goes_on(service, bare, what):
    caller = Caller()
    headers = [("traceparent", caller.traceparent), *COMPANY[what]]
    answer = send(service, "/call", headers)
    assert without_date(answer) == without_date(send(bare(service), "/call", headers))
    assert b" 200 " in answer[:20]
    server, client = service.wait_for_spans(2, caller)
    assert (server.parent_id, client.parent_id) == (caller.span_id, server.span_id)
    (call,) = [call for call in service.calls(caller) if client.span_id in call.header("traceparent")]
    assert call.header("tracestate") == ""


def test_thousands_of_hostile_requests_leave_memory_as_it_was(launch, shop):
    service = launch(shop, *SERVERS["gunicorn"])

    def attack(first, count):
        for number in range(first, first + count):
            unique = f"{number:08d}"
            send(
                service,
                f"/echo/{number}?{unique * 200}",
                [
                    ("traceparent", f"00-{unique}\xff"),
                    ("tracestate", f"k{unique}=" + "v" * 240),
                    ("baggage", f"k{unique}=" + "v" * 2000),
                    ("user-agent", unique * 50),
                    ("x-forwarded-for", unique * 60),
                    ("host", unique * 20),
                ],
            )

    # First what fills caches and pools once.
    attack(0, HOSTILE_REQUESTS // 2)
    before = resident_kb(service)
    attack(HOSTILE_REQUESTS // 2, HOSTILE_REQUESTS // 2)
    assert resident_kb(service) - before <= GROWTH_AT_MOST_KB
    stopped = service.stop()
    assert "tracing:" not in stopped.err


def resident_kb(service):
    """Of all the service's processes together."""
    lines = service.shell("cat /proc/[0-9]*/status").splitlines()
    return sum(int(line.split()[1]) for line in lines if line.startswith("VmRSS:"))
