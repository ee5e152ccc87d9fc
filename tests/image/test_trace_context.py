"""Every rule of W3C Trace Context level 2, on a WSGI and on an ASGI service in the image."""

import contextlib
import http.client
import json
import re
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

import pytest

from tests.w3c import services
from tests.w3c.cases import CASES, PARENT, TRACE

TRACEPARENT = re.compile(r"00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})")


class Called(BaseHTTPRequestHandler):
    """Notes the headers of each call."""

    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        self.server.calls.append(self.headers)
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *args):
        pass


@pytest.fixture(scope="module")
def callee():
    with ThreadingHTTPServer(("127.0.0.1", 0), Called) as server:
        server.calls = []
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture(scope="module", params=services.SERVICES)
def service(request, engine, settings, base_image):
    image = services.build(engine, request.param, settings=settings)
    with services.running(engine, image) as url:
        yield url


def send(url, headers, callee):
    """Have the service call us, and return the headers of its call; a name may be sent twice."""
    callee.calls.clear()
    body = json.dumps([{"url": f"http://127.0.0.1:{callee.server_port}/", "arguments": []}]).encode()
    with contextlib.closing(http.client.HTTPConnection(urlsplit(url).netloc, timeout=10)) as connection:
        connection.putrequest("POST", "/test")
        for name, value in (
            *headers,
            ("Content-Type", "application/json"),
            ("Content-Length", str(len(body))),
        ):
            connection.putheader(name, value.encode("latin-1"))
        connection.endheaders(body)
        assert connection.getresponse().status == 200
    (call,) = callee.calls
    return call


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name.replace(" ", "-"))
def test_what_is_sent_on_is_what_the_specification_says(case, service, callee):
    sent = send(service, case.headers, callee)
    (traceparent,) = sent.get_all("traceparent")
    trace, span, flags = TRACEPARENT.fullmatch(traceparent).groups()
    assert (trace == TRACE) is case.joined
    assert span != PARENT
    assert flags == case.flags
    assert ",".join(sent.get_all("tracestate") or ()) == case.state
