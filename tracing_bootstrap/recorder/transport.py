"""How encoded spans reach the collector: one POST over a connection that is kept.

OTLP/HTTP with binary protobuf: https://opentelemetry.io/docs/specs/otlp/#otlphttp-request. Redirects are not
followed, and proxy variables (HTTP_PROXY) are ignored: they are meant for the service's own calls, and a
collector stands beside the service.
"""

from __future__ import annotations

import time

from tracing_bootstrap.recorder import http1
from tracing_bootstrap.recorder.answer import LOST, RETRY, Outcome, judge
from tracing_bootstrap.recorder.identity import NAME, VERSION
from tracing_bootstrap.settings.parse import split_url, unquote

TYPE_CHECKING = False
if TYPE_CHECKING:
    import socket
    import ssl

    from tracing_bootstrap.settings import Settings

# Headers that say how the request is framed are ours; a setting cannot break the framing.
_OURS = frozenset(
    ("connection", "content-encoding", "content-length", "content-type", "host", "transfer-encoding")
)


class Transport:
    """The way to one collector. For one thread at a time."""

    __slots__ = ("_connection", "_context", "_head", "_host", "_port", "_secure", "_settings")

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._secure, user, self._host, self._port, path = split_url(settings.traces_endpoint)
        self._head = _head(settings, authority=_authority(self._host, self._port), path=path, user=user)
        self._connection: socket.socket | None = None
        self._context: ssl.SSLContext | None = None

    def pack(self, payload: bytes) -> bytes:
        """Make the whole request of a payload, compressed if so set; once, however often it is sent."""
        if self._settings.compression == "gzip":
            import zlib

            # The fastest level: the service's CPU is dearer than its network. 31: with gzip's own header.
            packer = zlib.compressobj(1, zlib.DEFLATED, 31)
            payload = packer.compress(payload) + packer.flush()
        return b"%sContent-Length: %d\r\n\r\n%s" % (self._head, len(payload), payload)

    def send(self, request: bytes, *, deadline: float) -> Outcome:
        """Send a packed request once and say what became of it.

        Done by `deadline` on the monotonic clock or by the timeout of the settings, whichever comes first.
        Never raises for anything that a network or a collector does.
        """
        deadline = min(deadline, time.monotonic() + self._settings.timeout_s)
        try:
            answer = self._exchange(request, deadline=deadline)
        except TimeoutError:
            self.close()
            return Outcome(RETRY, cause="timeout", detail="did not answer in time")
        except OSError as exc:
            self.close()
            # A wrong certificate is a failed connection too: it may be rotated while we try again.
            return Outcome(RETRY, cause="unreachable", detail=f"cannot be reached ({exc})")
        except http1.MalformedAnswerError as exc:
            self.close()
            # It may have taken the spans: sent again they would be there twice.
            return Outcome(LOST, cause="bad_answer", detail=f"answered something that is no HTTP ({exc})")
        if not answer.reusable:
            self.close()
        return judge(answer.status, headers=answer.headers, body=answer.body, now=time.time())

    def close(self) -> None:
        """Close the connection; the next send opens another."""
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()

    def _exchange(self, request: bytes, *, deadline: float) -> http1.Answer:
        if self._connection is not None:
            try:
                return http1.exchange(self._connection, request=request, deadline=deadline)
            except ConnectionError:
                # The collector closed the idle connection, which shows only now: once more on a new one.
                self.close()
        self._connection = http1.connect(
            self._host, port=self._port, context=self._tls() if self._secure else None, deadline=deadline
        )
        return http1.exchange(self._connection, request=request, deadline=deadline)

    def _tls(self) -> ssl.SSLContext:
        if self._context is None:
            import ssl

            context = ssl.create_default_context(cafile=self._settings.certificate)
            if self._settings.client_certificate:
                context.load_cert_chain(self._settings.client_certificate, self._settings.client_key)
            self._context = context
        return self._context


def _authority(host: str, port: int) -> str:
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def _head(settings: Settings, *, authority: str, path: str, user: str) -> bytes:
    """Write all of a request's head that is the same for every export."""
    headers = {"user-agent": f"{NAME}-otlp-exporter-python/{VERSION}"}
    if user:
        from binascii import b2a_base64

        headers["authorization"] = "Basic " + b2a_base64(unquote(user).encode(), newline=False).decode()
    headers.update((name, value) for name, value in settings.headers.items() if name not in _OURS)
    headers["content-type"] = "application/x-protobuf"
    if settings.compression == "gzip":
        headers["content-encoding"] = "gzip"
    lines = [f"POST {path} HTTP/1.1", f"Host: {authority}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return ("\r\n".join(lines) + "\r\n").encode("latin-1")
