"""Evidence of a service that keeps every promise, for tests that break one of them."""

import dataclasses

from buildkit.values.call import Answer, Call, Request
from buildkit.values.service import Evidence, Readiness, ServiceImage, Stage, Standing, Stop
from buildkit.values.span import Kind, Span

NAME = "service"


def request(number, *, method="GET", path="/", body=b"", through=(NAME,), route=""):
    return Request(method, path, f"{number:032x}", f"{number:016x}", body, through, route)


def server_span(asked, *, status=200, source=NAME, parent=None, span_id=None, **attributes):
    have = {
        "http.request.method": asked.method,
        "url.path": asked.path.split("?")[0],
        "url.scheme": "http",
        "http.response.status_code": status,
        "client.address": "172.18.0.1",
    }
    if asked.body:
        have["http.request.body.size"] = len(asked.body)
    if asked.route:
        have["http.route"] = asked.route
    have |= {name.replace("__", "."): value for name, value in attributes.items()}
    return Span(
        trace_id=asked.trace_id,
        span_id=span_id or "a" + asked.span_id[1:],
        parent_id=asked.span_id if parent is None else parent,
        name=asked.method,
        kind=Kind.SERVER,
        start=1,
        end=2_000_001,
        attributes=have,
        resource={"service.name": source},
        source=source,
    )


def client_span(asked, *, source=NAME):
    return Span(
        trace_id=asked.trace_id,
        span_id="c" + asked.span_id[1:],
        parent_id="a" + asked.span_id[1:],
        name="GET",
        kind=Kind.CLIENT,
        start=2,
        end=3,
        resource={"service.name": source},
        source=source,
    )


def call(asked, *, parent=None, **headers):
    have = {
        "traceparent": f"00-{asked.trace_id}-{parent or 'c' + asked.span_id[1:]}-01",
        "tracestate": "verify=1",
        "baggage": "verify.run=1",
    } | headers
    return Call("GET", "/out", tuple((name, value) for name, value in have.items() if value), 1.0)


ASKED = (request(1), request(2, method="POST", body=b"12345"), request(3, path="/x?y=z", route="/<name>"))
LAST = tuple(request(10 + number) for number in range(6))


def good(**changes):
    answers = [Answer(asked, 200, 0.0, 0.1) for asked in ASKED]
    answers += [Answer(asked, 200, 0.2, 0.3, last=True) for asked in LAST]
    spans = [server_span(asked) for asked in (*ASKED, *LAST)] + [client_span(ASKED[0])]
    whole = Evidence(
        name=NAME,
        image=ServiceImage("some/service:1", ports=(8000,)),
        standing=Standing(True, "its first 7 layers are those of company/python-service:1", "1"),
        readiness=Readiness(Stage.ANSWERS, 0.5, 8000, "200 OK"),
        answers=tuple(answers),
        calls=(call(ASKED[0]),),
        catching=True,
        spans=tuple(spans),
        log="[INFO] Listening at: http://0.0.0.0:8000\n",
        stop=Stop("SIGTERM", 0.4, 0),
    )
    return dataclasses.replace(whole, **changes)


def without(spans, *asked):
    gone = {one.trace_id for one in asked}
    return tuple(span for span in spans if not (span.kind is Kind.SERVER and span.trace_id in gone))
