"""What can go wrong between a client and a registry: a real HTTP proxy that does it when it is told to."""

import dataclasses
import http.client
import re
import socket
import struct
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclasses.dataclass
class Fault:
    """What happens to the next `times` requests that match.

    Attributes:
        method: HTTP's; empty for any.
        path: A regular expression that is found in the path with its query.
        times: To how many; a fault that never ends has a large one.
        skip: How many that match go through before.
        status: Answered instead of asking the registry.
        headers: Of that answer; with no status, they replace the registry's.
        body: Of that answer.
        cut_answer: Break the connection after so many bytes of the answer's body.
        cut_request: Break the connection after so many bytes of the request's body, before the registry sees it.
        lose_answer: Ask the registry, and break the connection without a word.
        without: Headers of the registry's answer that are left out.
        replace: What is made of the registry's answer's body.
        before: Called before the registry is asked.
        after: Called after it has answered, before the client knows.
        delay: Seconds before anything is done.
    """

    method: str = ""
    path: str = ""
    times: int = 1
    skip: int = 0
    status: int = 0
    headers: dict[str, str] = dataclasses.field(default_factory=dict)
    body: bytes = b""
    cut_answer: int | None = None
    cut_request: int | None = None
    lose_answer: bool = False
    without: tuple[str, ...] = ()
    replace: Callable[[bytes], bytes] | None = None
    before: Callable[[], None] | None = None
    after: Callable[[], None] | None = None
    delay: float = 0.0

    def matches(self, method, path):
        return (not self.method or method == self.method) and re.search(self.path, path) is not None


@dataclasses.dataclass(frozen=True)
class Seen:
    """A request as the proxy saw it, and what the client was told; 0 if the connection was broken."""

    method: str
    path: str
    headers: dict[str, str]
    status: int
    at: float


class FaultyRegistry:
    """A registry's double on a port of its own, as long as the `with` block lasts.

    Attributes:
        host: `127.0.0.1:PORT`: connect to it instead of the registry.
        seen: All requests, in the order of their answers.
    """

    def __init__(self, registry):
        self.registry = registry
        self.seen = []
        self._faults = []
        self._lock = threading.Lock()
        self._server = None
        self.host = ""

    def __enter__(self):
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.faulty = self
        self.host = f"127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()
        return self

    def __exit__(self, *exc_info):
        self._server.shutdown()
        self._server.server_close()

    def add(self, **what):
        """One more fault; the first that matches a request and is not used up happens to it."""
        self._faults.append(Fault(**what))

    def clear(self):
        self._faults.clear()
        self.seen.clear()

    def take(self, method, path):
        with self._lock:
            for fault in self._faults:
                if fault.times and fault.matches(method, path):
                    if fault.skip:
                        fault.skip -= 1
                        return None
                    fault.times -= 1
                    return fault
        return None

    def asked(self, method, path=""):
        """How often that was asked."""
        return sum(seen.method == method and re.search(path, seen.path) is not None for seen in self.seen)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    # Nothing waits for a client that keeps its connection.
    block_on_close = False
    request_queue_size = 64
    faulty: FaultyRegistry

    def handle_error(self, request, client_address):
        """Clients that break off are part of the game."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def log_message(self, *args):
        """No access log."""

    def _serve(self):
        faulty = self.server.faulty
        fault = faulty.take(self.command, self.path) or Fault()
        if fault.delay:
            time.sleep(fault.delay)
        body = self._read(fault)
        if body is None:
            return self._break(0)
        if fault.status:
            return self._answer(fault.status, fault.headers, fault.body, fault)
        if fault.before:
            fault.before()
        status, headers, answer = self._ask(body)
        if fault.after:
            fault.after()
        if fault.lose_answer:
            return self._break(0)
        if fault.replace:
            answer = fault.replace(answer)
            headers["Content-Length"] = str(len(answer))
        for name in [name for name in headers if name.lower() in {each.lower() for each in fault.without}]:
            del headers[name]
        headers.update(fault.headers)
        return self._answer(status, headers, answer, fault)

    do_GET = do_HEAD = do_PUT = do_POST = do_PATCH = do_DELETE = _serve

    def _read(self, fault):
        if self.headers.get("Transfer-Encoding", "").lower() == "chunked":
            data = b""
            while size := int(self.rfile.readline().split(b";")[0], 16):
                data += self.rfile.read(size)
                self.rfile.readline()
            self.rfile.readline()
            return data
        length = int(self.headers.get("Content-Length") or 0)
        if fault.cut_request is not None:
            self.rfile.read(min(length, fault.cut_request))
            return None
        return self.rfile.read(length)

    def _ask(self, body):
        # The client's Host, so that the registry's absolute URLs lead back to us.
        headers = {
            # The engine sends an Accept for each kind of manifest.
            name: ", ".join(self.headers.get_all(name))
            for name in self.headers
            if name.lower() not in {"connection", "transfer-encoding", "content-length"}
        }
        connection = http.client.HTTPConnection(self.server.faulty.registry, timeout=30)
        try:
            connection.request(self.command, self.path, body=body or None, headers=headers)
            answer = connection.getresponse()
            data = answer.read()
            kept = {
                name: value
                for name, value in answer.headers.items()
                if name.lower() not in {"connection", "transfer-encoding"}
            }
        finally:
            connection.close()
        return answer.status, kept, data

    def _answer(self, status, headers, body, fault):
        cut = fault.cut_answer
        self._note(status if cut is None else 0)
        self.send_response_only(status)
        sized = "content-length" in {name.lower() for name in headers}
        if not sized and not (self.command == "HEAD" and "Content-Length" in fault.without):
            self.send_header("Content-Length", str(len(body)))
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body if cut is None else body[:cut])
        if cut is not None:
            self.wfile.flush()
            self.close_connection = True
            self.connection.shutdown(socket.SHUT_RDWR)

    def _break(self, status):
        """A reset, as from a machine that is gone."""
        self._note(status)
        self.close_connection = True
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        # Else the handler's own closing would be an orderly end.
        self.connection.close()

    def _note(self, status):
        self.server.faulty.seen.append(
            Seen(self.command, self.path, dict(self.headers.items()), status, time.monotonic())
        )
