"""What lets us in: passwords and tokens, renewed before they end."""

from __future__ import annotations

import json
import threading
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from buildkit.decisions.registry import answers, challenge
from buildkit.values.errors import CredentialsRefused, RegistryError

if TYPE_CHECKING:
    from collections.abc import Callable

    from buildkit.decisions.registry.challenge import Challenge
    from buildkit.decisions.registry.logins import Login
    from buildkit.edges.registry.wire import Answer, Wire

# A token server that does not say how long: https://distribution.github.io/distribution/spec/auth/token/
DEFAULT_SECONDS = 60
# A token that ends on its way is refused: used only as long as this much of it is left, or a tenth.
MARGIN_SECONDS = 10


@dataclass(frozen=True, slots=True)
class _Token:
    value: str = field(repr=False)
    until: float  # by the monotonic clock: the wall clock may jump


class Entry:
    """The keys to one registry; threads may ask at once.

    Args:
        host: Of the registry, for messages.
        login: Whose.
        wire: Asks the token server.
        clock: Seconds that only go forward.
    """

    def __init__(
        self, host: str, *, login: Login, wire: Wire, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._host = host
        self.login = login
        self._wire = wire
        self._clock = clock
        self._lock = threading.Lock()
        self._asked: Challenge | None = None
        self._tokens: dict[frozenset[str], _Token] = {}

    def header(self, scopes: frozenset[str]) -> str:
        """The value of `Authorization`, empty while nobody has asked for one.

        Raises:
            CredentialsRefused: The token server refuses them.
            RegistryError: It says nonsense.
            Lost: It does not answer.
        """
        asked = self._asked
        if asked is None:
            return ""
        if asked.scheme == "basic":
            return challenge.basic(self.login.user, self.login.password) if self.login.password else ""
        token = self._tokens.get(scopes)
        if token is None or token.until <= self._clock():
            with self._lock:  # one asks, the others wait and use it
                token = self._tokens.get(scopes)
                if token is None or token.until <= self._clock():
                    token = self._fetch(asked, scopes)
                    self._tokens[scopes] = token
        return f"Bearer {token.value}"

    def refused(self, answer: Answer, *, scopes: frozenset[str], sent: str) -> bool:
        """Learn from a 401; whether another try with what `header` now says makes sense.

        Args:
            answer: The refusal.
            scopes: What it was for.
            sent: What `header` had said.
        """
        asked = challenge.choose(challenge.parse(answer.headers.get("WWW-Authenticate", "")))
        if asked is None or (asked.scheme == "basic" and not self.login.password):
            return False
        if asked.scheme == "bearer":
            with self._lock:
                token = self._tokens.get(scopes)
                if token is not None and f"Bearer {token.value}" == sent:
                    del self._tokens[scopes]
        first = self._asked is None or self._asked.scheme != asked.scheme
        self._asked = asked
        return first or not sent or asked.scheme == "bearer"

    def _fetch(self, asked: Challenge, scopes: frozenset[str]) -> _Token:
        began = self._clock()
        realm = urlsplit(asked.realm)
        if realm.scheme not in {"http", "https"} or not realm.netloc:
            raise RegistryError(f"{self._host} names a token server that is no URL ({asked.realm[:80]!r})")
        if self.login.known and self._wire.root.startswith("https:") and realm.scheme != "https":
            raise CredentialsRefused(
                f"{self._host} asks us to send credentials unencrypted, to {realm.netloc}",
                hint="have its token server speak TLS",
            )
        answer = self._ask(asked, scopes)
        if answer.status != 200:
            raise answers.refusal(
                answer.status,
                answer.body,
                what=f"getting a token from {realm.netloc}",
                host=self._host,
                who=str(self.login),
            )
        try:
            document = json.loads(answer.body)
            value = document.get("token") or document["access_token"]
            seconds = float(document.get("expires_in") or DEFAULT_SECONDS)
        except (ValueError, KeyError, TypeError, AttributeError):
            raise RegistryError(f"{realm.netloc} sent no token for {self._host}") from None
        return _Token(str(value), began + seconds - min(MARGIN_SECONDS, seconds / 10))

    def _ask(self, asked: Challenge, scopes: frozenset[str]) -> Answer:
        ordered = sorted(scopes)
        if self.login.identity_token:
            form = challenge.refresh_form(asked, scopes=ordered, token=self.login.identity_token)
            kind = {"Content-Type": "application/x-www-form-urlencoded"}
            return self._wire.ask("POST", asked.realm, headers=kind, body=form, limit=1 << 20)
        query = challenge.token_query(asked, scopes=ordered, user=self.login.user)
        url = f"{asked.realm}{'&' if urlsplit(asked.realm).query else '?'}{query}"
        login = (
            {"Authorization": challenge.basic(self.login.user, self.login.password)}
            if self.login.password
            else {}
        )
        return self._wire.ask("GET", url, headers=login, limit=1 << 20)
