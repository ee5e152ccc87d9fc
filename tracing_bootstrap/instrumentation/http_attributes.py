"""Names HTTP facts as OpenTelemetry's semantic conventions do (HTTP, stable; v1.37).

Runs in the exporter thread, over values that the request's thread took by reference.
"""

from __future__ import annotations

from tracing_bootstrap.recorder.protobuf import integer_attribute, string_attribute

_KNOWN_METHODS = frozenset(
    ("GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH", "QUERY")
)

# What the conventions name (url.query), and what services put into query strings against better knowledge.
_SENSITIVE = frozenset(
    (
        "awsaccesskeyid", "signature", "sig", "x-goog-signature", "x-amz-signature", "x-amz-credential",
        "x-amz-security-token", "access_token", "refresh_token", "id_token", "token", "auth", "authorization",
        "api_key", "apikey", "api-key", "key", "secret", "client_secret", "password", "passwd", "pwd", "code",
        "session", "sessionid", "jwt",
    )
)  # fmt: skip
_REDACTED = "REDACTED"
_LONGEST_URL = 4_096


def method_attributes(method: str) -> tuple[str, list[bytes]]:
    """Return the method as a span's name begins with it, and its attributes; an unknown one is `_OTHER`."""
    if method in _KNOWN_METHODS:
        return method, [string_attribute("http.request.method", method)]
    return "HTTP", [
        string_attribute("http.request.method", "_OTHER"),
        string_attribute("http.request.method_original", method[:64]),
    ]


def redact_query(query: str) -> str:
    """Return a query string with the values of known-sensitive keys replaced."""
    if "=" not in query:
        return query
    parts = query.split("&")
    for index, part in enumerate(parts):
        key, equals, _ = part.partition("=")
        if equals and _is_sensitive(key):
            parts[index] = f"{key}={_REDACTED}"
    return "&".join(parts)


def _is_sensitive(key: str) -> bool:
    if "%" in key or "+" in key:
        from urllib.parse import unquote_plus

        key = unquote_plus(key)
    return key.lower() in _SENSITIVE


def redact_url(url: str) -> str:
    """Return an absolute URL without credentials, fragment, and the values of sensitive query keys."""
    url = url.partition("#")[0]
    scheme, separator, rest = url.partition("://")
    if separator:
        authority, slash, path = rest.partition("/")
        credentials, at, host = authority.rpartition("@")
        if at:
            hidden = f"{_REDACTED}:{_REDACTED}" if ":" in credentials else _REDACTED
            authority = f"{hidden}@{host}"
        url = scheme + separator + authority + slash + path
    head, mark, query = url.partition("?")
    if mark:
        url = f"{head}?{redact_query(query)}"
    return url[:_LONGEST_URL]


def split_host(value: str) -> tuple[str, int | None]:
    """Split `host`, `host:port`, `[v6]`, `[v6]:port` into the host and the port, if it is one."""
    if value.startswith("["):
        host, _, rest = value[1:].partition("]")
        port = rest.removeprefix(":")
    elif value.count(":") == 1:
        host, _, port = value.partition(":")
    else:
        host, port = value, ""
    if len(port) <= 5 and port.isascii() and port.isdigit():
        return host, int(port)
    return host, None


def client_address(forwarded: str | None, x_forwarded_for: str | None, peer: str | None) -> str | None:
    """Return the client's address: the first hop that a proxy names, else the peer of the connection.

    Follows the conventions' `client.address` and RFC 7239, section 4. A hop that names no address (`unknown`, an
    obfuscated `_id`) counts as absent.
    """
    if forwarded:
        for pair in forwarded.partition(",")[0].split(";"):
            key, _, value = pair.strip().partition("=")
            if key.lower() == "for":
                host = split_host(value.strip().strip('"'))[0]
                if host and host != "unknown" and not host.startswith("_"):
                    return host[:256]
    if x_forwarded_for:
        host = split_host(x_forwarded_for.partition(",")[0].strip())[0]
        if host and host != "unknown":
            return host[:256]
    return peer


def protocol_version(protocol: str | None) -> str | None:
    """Return `1.1` for `HTTP/1.1`, and `2` for `HTTP/2.0`."""
    if not protocol or not protocol.startswith("HTTP/"):
        return None
    version = protocol[5:]
    return version[:1] if version in ("2.0", "3.0") else version


def size(value: str | None) -> int | None:
    """Return a Content-Length header's value, if it is one."""
    if value and len(value) <= 18 and value.isascii() and value.isdigit():
        return int(value)
    return None


def integer(key: str, value: int | None) -> list[bytes]:
    return [] if value is None else [integer_attribute(key, value)]


def string(key: str, value: str | None) -> list[bytes]:
    return [string_attribute(key, value)] if value else []
