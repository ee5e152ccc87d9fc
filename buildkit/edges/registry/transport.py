"""How is something asked of a registry until it answers?

Budget, credentials, redirects, and patience: 429 with its Retry-After, 5xx and broken connections.
"""

from __future__ import annotations

import itertools
import threading
import time
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

from buildkit.decisions.registry import answers, patience
from buildkit.edges.registry.wire import Answer, Lost
from buildkit.values.errors import RegistryError, RegistryUnavailable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from urllib3.response import BaseHTTPResponse

    from buildkit.edges.registry.entry import Entry
    from buildkit.edges.registry.wire import Wire

REDIRECTS = frozenset({301, 302, 303, 307, 308})
MOST_REDIRECTS = 5
# Without a key, with one, and with a new one instead of one that has been withdrawn.
MOST_KEYS = 3
AGENT = {"User-Agent": "python-service-buildkit"}
OPERATION_SECONDS = 120.0


class Transport:
    """A registry that may be busy, break off, or want to know who asks; threads may share it.

    Args:
        host: For messages.
        wire: The connections.
        entry: The keys.
        budget: How many requests may be under way at once.
        seconds: How long one operation may take, with all its tries.
    """

    def __init__(
        self, host: str, *, wire: Wire, entry: Entry, budget: int, seconds: float = OPERATION_SECONDS
    ) -> None:
        self.host = host
        self._wire = wire
        self._entry = entry
        self._slots = threading.BoundedSemaphore(budget)
        self._seconds = seconds
        self._closed = threading.Event()
        self._not_before = 0.0
        self._known = False

    @property
    def requests(self) -> int:
        return self._wire.requests

    @property
    def root(self) -> str:
        return self._wire.root

    def local(self, url: str) -> str:
        """A URL of the registry's as a path, so that it goes by the connections that are open; others as they are."""
        return url.removeprefix(self.root) if url.startswith(f"{self.root}/") else url

    def rest(self, seconds: float) -> None:
        """Wait before another try, at most until we are closed."""
        self._closed.wait(seconds)

    def close(self) -> None:
        self._closed.set()
        self._wire.close()

    def call(
        self,
        method: str,
        url: str,
        *,
        what: str,
        scopes: frozenset[str],
        expect: frozenset[int],
        headers: Mapping[str, str] | None = None,
        body: bytes | None = None,
        limit: int = 0,
    ) -> Answer:
        """Ask, as often as it takes, for something that may be asked twice.

        Args:
            method: HTTP's.
            url: A path at the registry, or a whole URL that it gave us.
            what: What is done, as the first words of an error.
            scopes: What a token must be good for.
            expect: Statuses that are returned; all others are errors.
            headers: Beside ours.
            body: Sent with it.
            limit: The most bytes of an answer; 0 for no limit.

        Raises:
            RegistryUnavailable: It does not answer, or keeps failing.
            CredentialsRefused: We may not.
            NotInRegistry: It does not have that.
            UntrustedCertificate: Its TLS certificate is not trusted.
            RegistryError: Any other refusal.
        """
        return self.persist(
            lambda: self.exchange(method, url, scopes=scopes, headers=headers, body=body, limit=limit),
            what=what,
            expect=expect,
        )

    def stream(
        self, url: str, *, what: str, scopes: frozenset[str], headers: Mapping[str, str] | None = None
    ) -> BaseHTTPResponse:
        """Get something large: 200 or 206, of which nothing has been read yet (raises what `call` does)."""
        opened: list[BaseHTTPResponse] = []

        def attempt() -> Answer:
            return self._let_in(
                url, scopes, headers, "GET", lambda place, sent: self._open(place, sent, opened)
            )

        self.persist(attempt, what=what, expect=frozenset({200, 206}))
        return opened[-1]

    def exchange(
        self,
        method: str,
        url: str,
        *,
        scopes: frozenset[str],
        headers: Mapping[str, str] | None = None,
        body: bytes | Iterator[bytes] | None = None,
        limit: int = 0,
    ) -> Answer:
        """Ask once; with credentials if they are asked for, and elsewhere if the answer is there.

        Raises:
            Lost: It broke on the way.
        """

        def ask(place: str, sent: Mapping[str, str]) -> Answer:
            with self._slots:
                return self._wire.ask(method, place, headers=sent, body=body, limit=limit)

        return self._let_in(url, scopes, headers, method, ask)

    def persist(
        self,
        attempt: Callable[[], Answer],
        *,
        what: str,
        expect: frozenset[int],
        again: frozenset[int] = patience.AGAIN,
    ) -> Answer:
        """Try until there is an answer that is expected.

        Args:
            attempt: One try; it may raise Lost.
            what: For errors.
            expect: Statuses to return.
            again: Statuses after which another try makes sense.
        """
        until = time.monotonic() + self._seconds
        for tries in itertools.count(1):
            self.rest(max(0.0, self._not_before - time.monotonic()))
            try:
                answer = attempt()
            except Lost as lost:
                failure = self._unreachable(lost, what=what)
                delay = patience.pause(tries)
                most = patience.TRIES if lost.reached or self._known else patience.TRIES_OF_A_STRANGER
            else:
                self._known = True
                if answer.status in expect:
                    return answer
                failure = self._refusal(answer, what=what)
                if answer.status not in again or answers.is_full(answer.status, answer.body):
                    raise failure
                asked = answer.headers.get("Retry-After", "")
                most = patience.tries(answer.status, retry_after=asked)
                delay = patience.pause(tries, retry_after=asked)
                if answer.status == 429:
                    # It has had enough of all of us, not only of this one.
                    self._not_before = max(self._not_before, time.monotonic() + delay)
            if tries >= most or time.monotonic() + delay > until or self._closed.is_set():
                raise failure
            self.rest(delay)
        raise AssertionError

    def _let_in(
        self,
        url: str,
        scopes: frozenset[str],
        headers: Mapping[str, str] | None,
        method: str,
        ask: Callable[[str, Mapping[str, str]], Answer],
    ) -> Answer:
        plain = {**AGENT, **(headers or {})}
        for _ in range(MOST_KEYS):
            # Only the registry itself gets our key: an upload's Location may lead to storage of another host.
            key = self._entry.header(scopes) if self._at_home(url) else ""
            answer = ask(url, {**plain, "Authorization": key} if key else plain)
            if answer.status != 401 or not self._entry.refused(answer, scopes=scopes, sent=key):
                break
        for _ in range(MOST_REDIRECTS):
            if answer.status not in REDIRECTS or method not in {"GET", "HEAD"}:
                return answer
            place = self._elsewhere(answer)
            # Storage has signed the URL that we were sent to; our credentials are the registry's alone.
            answer = ask(place, {**plain, "Authorization": key} if key and self._at_home(place) else plain)
        raise RegistryError(f"{self.host} sends us from place to place for {url}")

    def _at_home(self, url: str) -> bool:
        return url.startswith("/") or urlsplit(url)[:2] == urlsplit(self.root)[:2]

    def _elsewhere(self, answer: Answer) -> str:
        here = urljoin(self.root, answer.url)
        there = urljoin(here, answer.headers.get("Location", ""))
        if here.startswith("https:") and not there.startswith("https:"):
            raise RegistryError(f"{self.host} sends us to an unencrypted place ({there[:120]})")
        return there

    def _open(self, url: str, headers: Mapping[str, str], opened: list[BaseHTTPResponse]) -> Answer:
        # The slot is given back as soon as the answer begins: whoever reads one blob to write it elsewhere needs two.
        with self._slots:
            response = self._wire.open("GET", url, headers=headers)
            if response.status not in {200, 206}:
                return self._wire.finish(response, url=url)
        opened.append(response)
        return Answer(response.status, response.headers, b"", url)

    def _unreachable(self, lost: Lost, *, what: str) -> RegistryError:
        if lost.reached:
            return RegistryUnavailable(
                f"{what}: {self.host} breaks off ({lost.reason})", hint="try again later, or look at its log"
            )
        return RegistryUnavailable(
            f"{what}: {self.host} does not answer ({lost.reason})",
            hint="is the name right, and is it running?",
        )

    def _refusal(self, answer: Answer, *, what: str) -> RegistryError:
        return answers.refusal(
            answer.status, answer.body, what=what, host=self.host, who=str(self._entry.login)
        )
