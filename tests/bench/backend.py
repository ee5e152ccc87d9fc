"""The process beside the measured ones: takes their spans, counts them, and answers their outgoing requests.

A process of its own, since what it does must not be counted for a service, nor hold up the driver. Spans are
counted by the first word of the path that they are sent to, so that each side has its own count.
"""

import gzip
import subprocess
import sys
import threading
import urllib.request
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

# Longer than the batch processors' delay of 5 s: a batch that did not become full leaves after that.
ARRIVAL_SECONDS = 30


class Counts:
    """How many spans arrived, by side."""

    def __init__(self):
        self._spans = Counter()
        self._changed = threading.Condition()

    def add(self, side, spans):
        with self._changed:
            self._spans[side] += spans
            self._changed.notify_all()

    def wait(self, side, at_least):
        """Return the count as soon as it is `at_least`, or what it is when the time is over."""
        with self._changed:
            self._changed.wait_for(lambda: self._spans[side] >= at_least, ARRIVAL_SECONDS)
            return self._spans[side]


def count_spans(body):
    request = ExportTraceServiceRequest.FromString(body)
    return sum(len(scope.spans) for resource in request.resource_spans for scope in resource.scope_spans)


class Handler(BaseHTTPRequestHandler):
    """POST /SIDE/v1/traces; GET /counts/SIDE/N; any other GET is a small service's answer."""

    protocol_version = "HTTP/1.1"
    # Head and body in one packet: two would wait for each other (Nagle against delayed acknowledgement).
    wbufsize = -1
    counts = Counts()

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        # Answered first: what a side waits for is not our decoding.
        self._answer(b"", "application/x-protobuf")
        self.wfile.flush()
        if self.headers["Content-Encoding"] == "gzip":
            body = gzip.decompress(body)
        self.counts.add(self.path.split("/")[1], count_spans(body))

    def do_GET(self):
        words = self.path.split("/")
        if words[1] == "counts":
            self._answer(str(self.counts.wait(words[2], int(words[3]))).encode(), "text/plain")
        else:
            self._answer(b"17 in stock", "text/plain")

    def _answer(self, content, kind):
        self.send_response_only(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *args):
        pass


class Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def handle_error(self, request, client_address):
        """A measured process that was killed leaves its connection behind."""


class Backend:
    """A running backend."""

    def __init__(self):
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.bench.backend"], stdout=subprocess.PIPE, text=True
        )
        self.url = f"http://127.0.0.1:{int(self._process.stdout.readline())}"

    def spans(self, side, *, at_least=0):
        """How many spans of a side arrived; waits until there are `at_least`, within reason."""
        with urllib.request.urlopen(f"{self.url}/counts/{side}/{at_least}") as answer:
            return int(answer.read())

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        self._process.kill()
        self._process.wait()
        self._process.stdout.close()


if __name__ == "__main__":
    server = Server(("127.0.0.1", 0), Handler)
    print(server.server_port, flush=True)
    server.serve_forever()
