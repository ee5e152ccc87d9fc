"""How does one HTTP exchange with a registry go?

Connections are kept and shared by threads. What was asked and failed on the way is a `Lost`: whoever sent it knows
whether it may be sent again.
"""

from __future__ import annotations

import contextlib
import ssl
import threading
from dataclasses import dataclass, field
from http.client import BadStatusLine, RemoteDisconnected
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import urllib3
from urllib3.exceptions import (
    HTTPError,
    LocationParseError,
    NameResolutionError,
    NewConnectionError,
    ProxyError,
    SSLError,
)

from buildkit.values.errors import RegistryError, RegistryUnavailable, UntrustedCertificate

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from typing import IO

    from urllib3.response import BaseHTTPResponse

CONNECT_SECONDS = 10
# Between two pieces of an answer; a registry that checks a large upload is silent for a while before its answer.
SILENCE_SECONDS = 60
PIECE = 1 << 20
CERTIFICATE_HINT = "give the company's certificates (CA_BUNDLE=file.pem), as the engine has them in certs.d"


class Lost(Exception):  # noqa: N818 - no error of the user's; it is either made good or told as one
    """An exchange that broke on the way; `reached` says whether there was a connection at all."""

    def __init__(self, reason: str, *, reached: bool) -> None:
        super().__init__(reason)
        self.reason = reason
        self.reached = reached


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole answer. `url` is what was asked, for relative links in it."""

    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)
    url: str


class Wire:
    """The connections to a registry, and to the hosts that it points to.

    Args:
        root: `https://host:port`; whatever has no scheme is asked there.
        connections: How many are kept open.
        trust: Gives the certificates that we trust, if there is to be TLS.
        proxy: URL of the proxy to go through, empty for none.
    """

    def __init__(
        self, root: str, *, connections: int, trust: Callable[[], ssl.SSLContext], proxy: str = ""
    ) -> None:
        self.root = root
        self._host = urlsplit(root).netloc
        options = {
            "maxsize": connections,
            "num_pools": 4,
            # Reading the system's certificates takes longer than a dozen requests: not where nobody speaks TLS.
            "ssl_context": trust() if root.startswith("https:") or proxy.startswith("https:") else None,
            "timeout": urllib3.Timeout(connect=CONNECT_SECONDS, read=SILENCE_SECONDS),
            "retries": False,
        }
        self._pools = (
            urllib3.ProxyManager(proxy, **options) if proxy else urllib3.PoolManager(**options)  # type: ignore[arg-type]
        )
        self._home = self._pools.connection_from_url(root)
        # With a proxy, a plain request's line needs the whole URL: the manager knows, a pool does not.
        self._direct = not (proxy and root.startswith("http:"))
        self._count = threading.Lock()
        self.requests = 0

    def close(self) -> None:
        self._pools.clear()

    def ask(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str],
        body: bytes | IO[bytes] | Iterator[bytes] | None = None,
        limit: int = 0,
    ) -> Answer:
        """Send a request and read its answer to the end.

        Args:
            method: HTTP's.
            url: A path at the registry, or a whole URL.
            headers: Only these, and what HTTP itself needs.
            body: Sent as it is; an iterator needs a `Content-Length` among the headers, or is sent in chunks.
            limit: The most bytes that the answer may have; 0 for no limit.

        Raises:
            Lost: The connection broke, or there was none.
            UntrustedCertificate: We do not trust the other side's.
            RegistryError: The answer is longer than the limit.
        """
        with told(self._host):
            response = self._send(method, url, headers=headers, body=body)
        return self.finish(response, url=url, limit=limit)

    def finish(self, response: BaseHTTPResponse, *, url: str, limit: int = 0) -> Answer:
        """Read an answer that has begun to its end (raises what `ask` does)."""
        with told(self._host):
            data = response.read(limit + 1 if limit else None)
            if limit and len(data) > limit:
                response.close()
                raise RegistryError(f"{self._host} sends more than {limit} bytes for {url}")
            # The library itself only looks at the length when it reads up to the end.
            if response.length_remaining:
                response.close()
                raise Lost("the answer ended too early", reached=True)
            response.release_conn()
        return Answer(response.status, response.headers, data, url)

    def open(self, method: str, url: str, *, headers: Mapping[str, str]) -> BaseHTTPResponse:
        """Send a request and return as soon as the answer begins; its reader closes or releases it."""
        with told(self._host):
            return self._send(method, url, headers=headers, body=None)

    def _send(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str],
        body: bytes | IO[bytes] | Iterator[bytes] | None,
    ) -> BaseHTTPResponse:
        with self._count:
            self.requests += 1
        if url.startswith("/") and self._direct:
            return self._home.urlopen(
                method,
                url,
                body=body,
                headers=headers,
                retries=False,
                redirect=False,
                preload_content=False,
                decode_content=False,
            )
        return self._pools.urlopen(
            method,
            url if not url.startswith("/") else self.root + url,
            body=body,
            headers=headers,
            retries=False,
            redirect=False,
            preload_content=False,
            decode_content=False,
        )


@contextlib.contextmanager
def told(host: str) -> Iterator[None]:
    """Turn what the HTTP library, or the system below it, raises into words of ours."""
    try:
        yield
    except SSLError as error:
        raise _tls(error, host=host) from None
    except LocationParseError as error:
        raise RegistryError(f"{host} sends us to a place that is no URL ({error})") from None
    except ProxyError as error:
        raise Lost(f"the proxy fails: {_reason(error.original_error)}", reached=False) from None
    except NameResolutionError:
        raise Lost("its name cannot be resolved", reached=False) from None
    except NewConnectionError as error:
        raise Lost(_reason(error), reached=False) from None
    except (HTTPError, OSError) as error:
        cause = _root(error)
        if isinstance(cause, BadStatusLine) and not isinstance(cause, RemoteDisconnected):
            raise RegistryError(
                f"{host} does not speak HTTP ({str(cause).strip()[:40]})", hint="is the port right?"
            ) from None
        raise Lost(_reason(error), reached=True) from None


def _tls(error: SSLError, *, host: str) -> Exception:
    cause = error.args[0] if error.args else error
    if isinstance(cause, ssl.SSLCertVerificationError):
        return UntrustedCertificate(
            f"the TLS certificate of {host} is not trusted ({cause.verify_message.rstrip('.')})",
            hint=CERTIFICATE_HINT,
        )
    if isinstance(cause, ssl.SSLError) and cause.reason in {"WRONG_VERSION_NUMBER", "HTTP_REQUEST"}:
        return RegistryUnavailable(
            f"{host} does not speak TLS", hint="if that is meant to be, connect to it as an insecure registry"
        )
    if isinstance(cause, ssl.SSLError) and cause.reason and "ALERT" in cause.reason:
        return UntrustedCertificate(
            f"{host} ends the TLS handshake ({cause.reason.lower().replace('_', ' ')})",
            hint="does it want a client's certificate? put client.cert and client.key into certs.d",
        )
    return Lost(f"TLS failed: {cause}", reached=True)


def _root(error: BaseException) -> BaseException:
    """The first link of a chain of errors."""
    while (inner := error.__cause__ or error.__context__) is not None:
        error = inner
    return error


def _reason(error: BaseException) -> str:
    """What the first of the library's errors says."""
    cause = _root(error)
    if isinstance(cause, OSError) and cause.strerror:
        return cause.strerror.lower()
    text = str(cause).strip() or type(cause).__name__
    return text.splitlines()[0][:160]
