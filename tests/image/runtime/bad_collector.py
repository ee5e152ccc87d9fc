"""A collector that misbehaves as it is told, until it is told to behave."""

import threading
from http import HTTPStatus

from buildkit.decisions import otlp
from buildkit.edges.http_server import Handler, Server


class BadCollector:
    """Listens inside `with`; `mood` is what it does with a batch, and may be changed at any time.

    A mood is "black hole" (takes the request and never answers), "garbage" (answers with no HTTP), "ok" (takes
    the spans), or a status to answer with. `batches` counts the requests.
    """

    def __init__(self, store, *, address, port=0, mood="ok"):
        self.mood = mood
        self.batches = 0
        self._over = threading.Event()
        outer = self

        class Bound(Handler):
            def do_POST(self):  # noqa: N802 - so the base class looks it up
                outer.batches += 1
                outer.answer(self, store)

        self._server = Server(Bound, address=address, port=port)

    def __enter__(self):
        self._server.__enter__()
        return self

    def __exit__(self, *exc_info):
        self._over.set()
        self._server.__exit__(*exc_info)

    @property
    def port(self):
        return self._server.port

    def answer(self, handler, store):
        body = handler.read_body()
        if self.mood == "black hole":
            self._over.wait()
            handler.close_connection = True
        elif self.mood == "garbage":
            handler.wfile.write(b"\x00\xff no HTTP at all \r\n\r\n" * 20)
            handler.close_connection = True
        elif self.mood == "ok":
            source = handler.path.removeprefix("/from/").partition("/")[0]
            store.add(otlp.decode(body, content_type=otlp.PROTOBUF, source=source))
            handler.answer(HTTPStatus.OK, b"", content_type=otlp.PROTOBUF)
        else:
            self._refuse(handler)

    def _refuse(self, handler):
        status = HTTPStatus(self.mood)
        handler.send_response(status)
        if status == HTTPStatus.TOO_MANY_REQUESTS:
            handler.send_header("Retry-After", "1")
        handler.send_header("Content-Length", "0")
        handler.end_headers()
