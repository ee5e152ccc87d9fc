import socket
import socketserver
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from buildkit.decisions.probe import BAGGAGE_KEY, TRACESTATE_KEY
from buildkit.edges import traffic
from buildkit.values.service import Stage
from tests.unit.buildkit.evidence import request


class Echo(BaseHTTPRequestHandler):
    """Answers 201 and keeps what it was sent."""

    seen: list

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.seen.append((self.path, dict(self.headers), body))
        self.send_response(201)
        self.end_headers()

    def do_GET(self):
        self.send_response(404)
        self.end_headers()

    def log_message(self, *_):
        pass


class Greeter(socketserver.BaseRequestHandler):
    def handle(self):
        self.request.sendall(b"SSH-2.0-x\r\n")


@pytest.fixture
def serve():
    running = []

    def start(kind, handler):
        server = kind(("127.0.0.1", 0), handler)
        threading.Thread(target=server.serve_forever, args=(0.01,)).start()
        running.append(server)
        return server.server_address[1]

    yield start
    for server in running:
        server.shutdown()
        server.server_close()


def free_port():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return taken.getsockname()[1]


def wait(*ports, died=None, exit_code=None, timeout=5.0):
    return traffic.wait_until_ready(
        lambda: [("127.0.0.1", port, 8000 + number) for number, port in enumerate(ports)],
        died=died or threading.Event(),
        exit_code=lambda: exit_code,
        path="/",
        traceparent="00-1-1-00",
        timeout=timeout,
    )


def test_a_request_carries_its_trace_and_its_body(serve):
    class Handler(Echo):
        pass

    Handler.seen = []
    asked = request(5, method="POST", path="/orders", body=b"{}")
    answer = traffic.send(asked, host="127.0.0.1", port=serve(HTTPServer, Handler), last=True)
    assert (answer.status, answer.last, answer.error) == (201, True, "")
    ((path, headers, body),) = Handler.seen
    assert (path, body) == ("/orders", b"{}")
    assert headers["traceparent"] == f"00-{asked.trace_id}-{asked.span_id}-01"
    assert headers["tracestate"].startswith(TRACESTATE_KEY)
    assert headers["baggage"].startswith(BAGGAGE_KEY)


def test_a_request_that_nobody_takes_is_an_answer_without_a_status():
    answer = traffic.send(request(1), host="127.0.0.1", port=free_port())
    assert answer.status is None
    assert "refused" in answer.error


def test_any_status_is_ready_and_the_open_door_is_found_among_several(serve):
    found = wait(free_port(), serve(HTTPServer, Echo))
    assert (found.stage, found.port, found.detail) == (Stage.ANSWERS, 8001, "404 Not Found")


def test_an_open_port_without_http_is_not_ready(serve):
    found = wait(serve(socketserver.TCPServer, Greeter), timeout=0.3)
    assert (found.stage, found.port) == (Stage.LISTENS, 8000)
    assert "SSH-2.0" in found.detail


def test_a_closed_port_is_not_ready():
    found = wait(free_port(), timeout=0.2)
    assert (found.stage, found.port) == (Stage.STARTED, None)
    assert "refused" in found.detail


def test_a_dead_service_is_not_waited_for():
    died = threading.Event()
    threading.Timer(0.05, died.set).start()
    found = wait(free_port(), died=died, exit_code=3, timeout=60)
    assert found.exit_code == 3
    assert found.seconds < 30
