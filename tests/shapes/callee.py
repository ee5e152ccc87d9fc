"""Whom do the shapes call, and how does it answer?

Every call gets 200 and a small JSON object, but for these paths:

- `/status/<code>`: that status.
- `/redirect/<n>`: 302 to `/redirect/<n-1>`; at 0 to `/item/0`.
- `/flaky/<key>/<n>`: 503 the first n times for that key, then 200.
- `/slow/<ms>`: the usual answer, so many milliseconds later.
"""

import collections
import threading
import time
from http import HTTPStatus

from buildkit.edges.call_log import CallLog
from buildkit.edges.http_server import Handler
from buildkit.values.call import Call
from tests.shapes.listening import Listening


class Callee(Listening):
    """A callee of one service, from `with` to its end."""

    def __init__(self, *, address):
        self.log = CallLog()
        self.changed = threading.Condition()
        self._failures = collections.Counter()
        outer = self

        class Bound(_Handler):
            callee = outer

        super().__init__(Bound, address=address)

    def note(self, call):
        with self.changed:
            self.log.add(call)
            self.changed.notify_all()

    def wait_for(self, count, *, timeout):
        """Until so many calls have come, or `timeout` seconds have gone."""
        with self.changed:
            return self.changed.wait_for(lambda: len(self.log.calls()) >= count, timeout)

    def fails_again(self, key, *, times):
        """Whether this call for `key` is among the first `times`."""
        with self.changed:
            self._failures[key] += 1
            return self._failures[key] <= times


class _Handler(Handler):
    server_version = "callee"
    callee: Callee

    def _take(self):
        body = self.read_body()
        headers = tuple((name.lower(), value) for name, value in self.headers.items())
        self.callee.note(Call(self.command, self.path, headers, time.monotonic(), len(body)))
        kind, *rest = self.path.partition("?")[0].strip("/").split("/")
        if kind == "redirect":
            self._redirect(int(rest[0]))
            return
        status = HTTPStatus.OK
        if kind == "status":
            status = HTTPStatus(int(rest[0]))
        elif kind == "flaky" and self.callee.fails_again(rest[0], times=int(rest[1])):
            status = HTTPStatus.SERVICE_UNAVAILABLE
        elif kind == "slow":
            time.sleep(int(rest[0]) / 1000)
        self.answer(status, b'{"price": 42}', content_type="application/json")

    def _redirect(self, left):
        self.send_response(HTTPStatus.FOUND)
        self.send_header("Location", f"/redirect/{left - 1}" if left else "/item/0")
        self.send_header("Content-Length", "0")
        self.end_headers()

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = _take
