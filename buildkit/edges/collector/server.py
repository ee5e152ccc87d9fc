"""How do spans get in? OTLP over HTTP, as the OpenTelemetry Collector takes it.

https://opentelemetry.io/docs/specs/otlp/#otlphttp
"""

from __future__ import annotations

import re
from http import HTTPStatus
from typing import TYPE_CHECKING

from buildkit.decisions import otlp
from buildkit.edges.http_server import Handler, RefusedError, Server

if TYPE_CHECKING:
    from buildkit.edges.collector.store import SpanStore
    from buildkit.values.span import Span

# A sender that we want to tell from the others gets an endpoint with its name in front of the path.
_PATH = re.compile(r"(?:/from/(?P<source>[\w.-]{1,100}))?/v1/traces")


def collector(store: SpanStore, *, address: str = "127.0.0.1", port: int = 0) -> Server:
    """A collector that puts what it gets into `store`; it listens inside `with`.

    Raises:
        OSError: see Server.
    """

    class Bound(_Collector):
        spans = store

    return Server(Bound, address=address, port=port)


class _Collector(Handler):
    server_version = "buildkit-collector"
    spans: SpanStore

    def do_POST(self) -> None:  # noqa: N802 - so the base class looks it up
        content_type = self.headers.get_content_type()
        reply_type = content_type if content_type in (otlp.PROTOBUF, otlp.JSON) else otlp.JSON
        try:
            body = self.read_body()
            spans = self._take(body, content_type=content_type)
        except RefusedError as refused:
            message = otlp.refusal(reply_type, str(refused))
            self.answer(refused.status, message, content_type=reply_type)
            return
        # The store first: who has our 200 may rely on it that the spans are there.
        self.spans.add(spans)
        self.answer(HTTPStatus.OK, otlp.success(reply_type), content_type=reply_type)

    def do_GET(self) -> None:  # noqa: N802
        self.close_connection = True
        message = otlp.refusal(otlp.JSON, "export requests come by POST")
        self.answer(HTTPStatus.METHOD_NOT_ALLOWED, message, content_type=otlp.JSON)

    def _take(self, body: bytes, *, content_type: str) -> tuple[Span, ...]:
        target = _PATH.fullmatch(self.path.split("?")[0])
        if target is None:
            raise RefusedError(HTTPStatus.NOT_FOUND, "the path is /v1/traces")
        if content_type not in (otlp.PROTOBUF, otlp.JSON):
            raise RefusedError(
                HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
                f"Content-Type is {content_type[:60]}, not {otlp.PROTOBUF} or {otlp.JSON}",
            )
        try:
            return otlp.decode(body, content_type=content_type, source=target["source"] or "")
        except otlp.GarbageError as error:
            raise RefusedError(HTTPStatus.BAD_REQUEST, str(error)) from error
