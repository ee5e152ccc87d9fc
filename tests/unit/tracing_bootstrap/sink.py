"""Collectors on 127.0.0.1 that answer as told: real servers, so that real sockets are tested."""

import contextlib
import socket
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Request:
    def __init__(self, *, path, headers, body, connection):
        self.path = path
        self.headers = headers
        self.body = body
        self.connection = connection


class Sink:
    """An HTTP/1.1 server: answers `answers` in turn, then 200; keeps every request."""

    def __init__(self, *answers, context=None):
        self.requests = []
        self.arrived = threading.Condition()
        self._answers = list(answers)
        self._open = []
        sink = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def setup(self):
                super().setup()
                sink._open.append(self.connection)

            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                with sink.arrived:
                    sink.requests.append(
                        Request(
                            path=self.path,
                            headers=dict(self.headers),
                            body=body,
                            connection=self.client_address,
                        )
                    )
                    sink.arrived.notify_all()
                    status, headers, content = sink._answers.pop(0) if sink._answers else (200, {}, b"")
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                if "Transfer-Encoding" not in headers:
                    self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *args):
                pass

        class Server(ThreadingHTTPServer):
            daemon_threads = True
            block_on_close = False

            def handle_error(self, request, client_address):
                pass

        self._server = Server(("127.0.0.1", 0), Handler)
        self.scheme = "http"
        if context is not None:
            self.scheme = "https"
            self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        self.url = f"{self.scheme}://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True)
        self._thread.start()

    def wait_for(self, count, timeout=5.0):
        """Return the requests once there are `count` of them."""
        with self.arrived:
            assert self.arrived.wait_for(lambda: len(self.requests) >= count, timeout), self.requests
            return list(self.requests)

    def drop_connections(self):
        """Close what clients hold open, as an idle timeout does."""
        for connection in self._open:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        self._open.clear()

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
        self.drop_connections()


class RawSink:
    """A TCP server that hands each connection to `talk`; `release` is set when the test is over."""

    def __init__(self, talk):
        self._talk = talk
        self.connections = 0
        self.release = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self):
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self._one, args=(connection,), daemon=True).start()

    def _one(self, connection):
        with connection, contextlib.suppress(OSError):
            self._talk(connection, self.release)

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        self.release.set()
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()


def answering(content):
    """Make a talk that reads a request and sends `content` before it closes."""

    def talk(connection, release):
        connection.recv(65536)
        connection.sendall(content)

    return talk


def silent(connection, release):
    """A talk that never answers."""
    release.wait(30)


def refusing_url():
    """Return a URL on which nothing listens."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return f"http://127.0.0.1:{listener.getsockname()[1]}"
