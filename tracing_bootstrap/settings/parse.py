"""How the text of one variable becomes a value, in the OpenTelemetry specification's words.

Every parser takes the stripped, non-empty text and raises ValueError with the reason when it does not fit.
urllib is not used: it costs milliseconds at start-up and would be the only reader of two formats this small.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

# RFC 9110, section 5.6.2: what a header's name may consist of.
_TOKEN = frozenset("!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")


def text(value: str) -> str:
    """Take the value as it is."""
    return value


def boolean(value: str) -> bool:
    """Read "true" or "false" in any case; the specification knows no other spelling, not even "1"."""
    lowered = value.lower()
    if lowered not in ("true", "false"):
        raise ValueError("is neither true nor false")
    return lowered == "true"


def count(value: str) -> int:
    """Read a whole number that is zero or more."""
    if not (value.isascii() and value.isdigit()) or len(value) > 12:
        raise ValueError("is not a whole number of zero or more")
    return int(value)


def positive(value: str) -> int:
    """Read a whole number that is one or more."""
    number = count(value)
    if number < 1:
        raise ValueError("is not a whole number of one or more")
    return number


def milliseconds(value: str) -> float:
    """Read milliseconds into seconds. Zero would mean "for ever", which nothing in here waits."""
    return positive(value) / 1000


def number(value: str) -> float:
    """Read a number that is zero or more, and finite."""
    try:
        read = float(value)
    except ValueError:
        raise ValueError("is not a number") from None
    if not 0.0 <= read < float("inf"):
        raise ValueError("is not a number of zero or more")
    return read


def choice(*known: str, **aliases: str) -> Callable[[str], str]:
    """Make a parser that takes one of `known`, in any case, or an alias of one."""

    def parse(value: str) -> str:
        name = aliases.get(value.lower(), value.lower())
        if name not in known:
            raise ValueError(f"is not supported (known: {', '.join(known)})")
        return name

    return parse


def names(*known: str) -> Callable[[str], tuple[str, ...]]:
    """Make a parser of a comma-separated list in which every member is one of `known`, without doubles."""

    def parse(value: str) -> tuple[str, ...]:
        members = dict.fromkeys(member.strip().lower() for member in value.split(",") if member.strip())
        unknown = [member for member in members if member not in known]
        if unknown:
            raise ValueError(f"has {', '.join(unknown)}, not supported (known: {', '.join(known)})")
        return tuple(members)

    return parse


def words(value: str) -> tuple[str, ...]:
    """Split a comma-separated list."""
    return tuple(part.strip() for part in value.split(",") if part.strip())


def patterns(value: str) -> tuple[str, ...]:
    """Split comma-separated regular expressions that can be joined by "|"; whoever matches compiles them."""
    parts = words(value)
    # Imported only where the variable is set: it costs as much as all the rest of the settings.
    import re

    try:
        re.compile("|".join(parts))
    except re.error as exc:
        raise ValueError(f"is no list of regular expressions ({exc})") from None
    return parts


def pairs(value: str) -> dict[str, str]:
    """Read `key=value,key2=value2` with percent-encoded keys and values.

    One bad member discards the whole, as the resource specification asks ("the entire environment variable
    value SHOULD be discarded"): half a resource is worse than a visible mistake.
    """
    result: dict[str, str] = {}
    for member in value.split(","):
        if not member.strip():
            continue
        key, equals, content = member.partition("=")
        key = unquote(key.strip())
        if not equals or not key:
            raise ValueError("has a member that is not key=value")
        result[key] = unquote(content.strip())
    return result


def headers(value: str) -> dict[str, str]:
    """Read `key=value` pairs as HTTP headers with lower-case names, refusing what could split a request."""
    result = {}
    for key, content in pairs(value).items():
        if not _TOKEN.issuperset(key):
            raise ValueError("has a name that no HTTP header can have")
        if not all(char == "\t" or (" " <= char <= "\xff" and char != "\x7f") for char in content):
            raise ValueError("has a value that no HTTP header can have")
        result[key.lower()] = content
    return result


def url(value: str) -> str:
    """Check an absolute http or https URL with a host and, if any, a valid port; return it unchanged."""
    split_url(value)
    return value


def traces_url(value: str) -> str:
    """Make the URL for traces of the base URL for all signals, as the OTLP exporter specification says."""
    return url(value).rstrip("/") + "/v1/traces"


def split_url(value: str) -> tuple[bool, str, str, int, str]:
    """Split a URL into (is https, user info, host, port, path with query); ValueError where it is none."""
    scheme, separator, rest = value.partition("://")
    secure = scheme.lower() == "https"
    if not separator or not (secure or scheme.lower() == "http"):
        raise ValueError("is not a URL that starts with http:// or https://")
    rest = rest.partition("#")[0]
    cut = min((at for at in (rest.find("/"), rest.find("?")) if at >= 0), default=len(rest))
    authority, path = rest[:cut], rest[cut:]
    user, _, address = authority.rpartition("@")
    if address.startswith("["):
        host, bracket, port_text = address[1:].partition("]")
        if not bracket or (port_text and not port_text.startswith(":")):
            raise ValueError("has a malformed IPv6 address")
        port_text = port_text[1:]
    else:
        host, _, port_text = address.partition(":")
    if not host or not value.isascii() or any(char <= " " or char == "\x7f" for char in value):
        raise ValueError("has no valid host")
    port = count(port_text) if port_text else (443 if secure else 80)
    if not 0 < port < 65536:
        raise ValueError("has no valid port")
    return secure, user, host, port, path if path.startswith("/") else "/" + path


def without_user(value: str) -> str:
    """Hide the credentials that a URL may carry, for a line that people read."""
    scheme, separator, rest = value.partition("://")
    authority, slash, path = rest.partition("/")
    user, at, host = authority.rpartition("@")
    return f"{scheme}{separator}{'***' if user else ''}{at}{host}{slash}{path}"


def unquote(value: str) -> str:
    """Decode percent-encoded UTF-8; a percent sign that starts no code stands for itself."""
    if "%" not in value:
        return value
    first, *parts = value.split("%")
    decoded = bytearray(first.encode())
    for part in parts:
        code = part[:2]
        if len(code) == 2 and all(char in "0123456789abcdefABCDEF" for char in code):
            decoded.append(int(code, 16))
            decoded += part[2:].encode()
        else:
            decoded += b"%" + part.encode()
    return decoded.decode("utf-8", "replace")
