"""Which spans did each of many services send?

A process that ends waits 0.3 s for the collector's answer. Many shapes run at once here, on few cores: so the
answer comes first, and a batch is decoded when somebody looks at its sender's spans.
"""

import re
import threading
from http import HTTPStatus

from buildkit.decisions import otlp
from buildkit.edges.http_server import Handler
from tests.shapes.listening import Listening

PATH = re.compile(r"/from/([\w.-]{1,100})/v1/traces")


class Collector(Listening):
    """Takes batches inside `with`, each sender's at an endpoint of its own."""

    def __init__(self, *, address):
        self._changed = threading.Condition()
        self._batches = {}
        self._spans = {}
        outer = self

        class Bound(Handler):
            def do_POST(self):  # noqa: N802 - so the base class looks it up
                target = PATH.fullmatch(self.path)
                body, content_type = self.read_body(), self.headers.get_content_type()
                status = HTTPStatus.OK if target else HTTPStatus.NOT_FOUND
                if target:
                    outer._take(target[1], body, content_type)
                self.answer(status, otlp.success(content_type), content_type=content_type)

        super().__init__(Bound, address=address)

    def of(self, source):
        """All spans that one has sent."""
        with self._changed:
            found = self._spans.setdefault(source, [])
            for body, content_type in self._batches.pop(source, ()):
                found += otlp.decode(body, content_type=content_type, source=source)
            return tuple(found)

    def wait_for(self, wanted, *, timeout):
        """Until `wanted()` holds, asked after each arrival, or `timeout` seconds have gone; what it said last."""
        with self._changed:
            return self._changed.wait_for(wanted, timeout)

    def _take(self, source, body, content_type):
        with self._changed:
            self._batches.setdefault(source, []).append((body, content_type))
            self._changed.notify_all()
