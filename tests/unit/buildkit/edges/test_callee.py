import urllib.request

from buildkit.edges.call_log import CallLog
from buildkit.edges.callee import callee


def test_a_call_is_answered_and_noted_with_its_headers():
    log = CallLog()
    with callee(log) as server:
        request = urllib.request.Request(
            f"http://127.0.0.1:{server.port}/a?b=c",
            data=b"four",
            headers={"Traceparent": "00-aa-bb-01", "Baggage": "k=v"},
            method="PUT",
        )
        with urllib.request.urlopen(request, timeout=10) as response:
            assert response.status == 200
    (call,) = log.calls()
    assert (call.method, call.path, call.size) == ("PUT", "/a?b=c", 4)
    assert call.header("traceparent") == "00-aa-bb-01"
    assert call.header("baggage") == "k=v"
    assert call.header("tracestate") == ""


def test_a_log_does_not_grow_beyond_its_limit():
    log = CallLog(limit=1)
    with callee(log) as server:
        for _ in range(2):
            urllib.request.urlopen(f"http://127.0.0.1:{server.port}/", timeout=10).close()
    assert len(log.calls()) == 1
