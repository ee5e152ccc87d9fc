"""The spans of gRPC calls, of server and client, as OpenTelemetry's conventions for RPC name them (v1.37).

Runs in the exporter thread, over values that the call's thread took by reference.
"""

from __future__ import annotations

from tracing_bootstrap.instrumentation import http_attributes as http
from tracing_bootstrap.instrumentation.server_span import ServerSpan
from tracing_bootstrap.recorder.protobuf import integer_attribute, keep, name_and_kind, string_attribute
from tracing_bootstrap.recorder.span import CLIENT, ERROR, SERVER, UNSET, Span

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

# By number (grpc/status.h).
_CODES = (
    "OK", "CANCELLED", "UNKNOWN", "INVALID_ARGUMENT", "DEADLINE_EXCEEDED", "NOT_FOUND", "ALREADY_EXISTS",
    "PERMISSION_DENIED", "RESOURCE_EXHAUSTED", "FAILED_PRECONDITION", "ABORTED", "OUT_OF_RANGE", "UNIMPLEMENTED",
    "INTERNAL", "UNAVAILABLE", "DATA_LOSS", "UNAUTHENTICATED",
)  # fmt: skip

# What is an error of the server: the others are its callers'.
_SERVER_ERRORS = frozenset((2, 4, 12, 13, 14, 15))

_kinds: dict[tuple[object, ...], tuple[bytes, bytes | None]] = {}


class RpcClientSpan(Span):
    """A span of kind CLIENT for one gRPC call."""

    #: `/package.Service/Method`, and what the channel was made with.
    method: bytes | str
    target: bytes | str
    #: A grpc.StatusCode or its number; None where the call never came to one.
    code: Any = None

    def describe(self) -> list[bytes]:
        """Return name, kind and attributes, encoded."""
        code = number(self.code)
        kind = (CLIENT, self.method, self.target, code)
        known = _kinds.get(kind)
        if known is None:
            address, port = split_address(_text(self.target))
            known = keep(_kinds, kind, _describe(CLIENT, _text(self.method), address, port, code))
        return _with_error(self, known)


class RpcServerSpan(ServerSpan):
    """A span of kind SERVER for one gRPC call."""

    #: Method, `:authority`, and the peer's address.
    call: tuple[bytes | str, bytes | str, bytes | str]
    code: Any = None

    def describe(self) -> list[bytes]:
        """Return name, kind and attributes, encoded."""
        method, authority, peer = self.call
        code = number(self.code)
        kind = (SERVER, method, authority, code)
        known = _kinds.get(kind)
        if known is None:
            address, port = http.split_host(_text(authority))
            known = keep(_kinds, kind, _describe(SERVER, _text(method), address, port, code))
        address, port = split_address(_text(peer).replace("%5B", "[").replace("%5D", "]"))
        return [
            *_with_error(self, known),
            *http.string("client.address", address),
            *http.string("network.peer.address", address),
            *http.integer("network.peer.port", port),
        ]


def _with_error(span: Span, known: tuple[bytes, bytes | None]) -> list[bytes]:
    fixed, error = known
    if error is None:
        return [fixed]
    if span.status == UNSET:
        span.status = ERROR
    if span.attributes is not None and "error.type" in span.attributes:
        return [fixed]
    return [fixed, error]


def _describe(
    kind: int, path: str, address: str, port: int | None, code: int | None
) -> tuple[bytes, bytes | None]:
    name = path.removeprefix("/")
    service, _, method = name.rpartition("/")
    parts = [string_attribute("rpc.system", "grpc")]
    parts += http.string("rpc.service", service)
    parts += http.string("rpc.method", method)
    parts += http.string("server.address", address[:256])
    parts += http.integer("server.port", port)
    error = None
    if code is not None:
        parts.append(integer_attribute("rpc.grpc.status_code", code))
        if code in _SERVER_ERRORS or (code and kind == CLIENT):
            error = string_attribute("error.type", _CODES[code] if code < len(_CODES) else str(code))
    return name_and_kind(name, kind) + b"".join(parts), error


def number(code: Any) -> int | None:
    """Return a status code's number; `code` may be a grpc.StatusCode, whose value is a pair."""
    value = getattr(code, "value", code)
    if isinstance(value, tuple):
        value = value[0]
    return value if isinstance(value, int) else None


def split_address(target: str) -> tuple[str, int | None]:
    """Split a channel's target, or a peer, into address and port (grpc's naming: `dns:///host:80`, `ipv4:...`)."""
    scheme, colon, rest = target.partition(":")
    if scheme in ("unix", "unix-abstract"):
        return rest.removeprefix("//"), None
    if rest.startswith("//"):
        # An authority (the name server) stands before the third slash.
        rest = rest[2:].partition("/")[2]
    elif not (colon and scheme in ("dns", "ipv4", "ipv6")):
        rest = target
    return http.split_host(rest)


def _text(value: bytes | str | None) -> str:
    if value is None:
        return ""
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else value
