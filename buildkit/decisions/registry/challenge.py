"""What does a registry ask for before it answers, and what is sent to it?

RFC 9110, section 11, for `WWW-Authenticate`; the Bearer flow is
https://distribution.github.io/distribution/spec/auth/token/.
"""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlencode

if TYPE_CHECKING:
    from collections.abc import Iterable

_SCHEME = re.compile(r"\s*,?\s*([A-Za-z][A-Za-z0-9-]*)(?:\s+(?!=)|\s*(?=,|$))")
_TOKEN68 = re.compile(r"\s*[A-Za-z0-9._~+/-]+=*\s*(?=,|$)")
_PARAMETER = re.compile(r'\s*,?\s*([A-Za-z][A-Za-z0-9_-]*)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+))')


@dataclass(frozen=True, slots=True)
class Challenge:
    """One way to be let in. `scheme` is in lower case; realm, service and scope are empty if it does not name them."""

    scheme: str
    realm: str = ""
    service: str = ""
    scope: str = ""


def parse(header: str) -> tuple[Challenge, ...]:
    """All challenges of a `WWW-Authenticate` header, in its order; what cannot be read is left out."""
    found = []
    place = 0
    while match := _SCHEME.match(header, place):
        place = match.end()
        if token := _TOKEN68.match(header, place):
            place = token.end()
        parameters: dict[str, str] = {}
        while parameter := _PARAMETER.match(header, place):
            place = parameter.end()
            quoted, plain = parameter.group(2), parameter.group(3)
            parameters[parameter.group(1).lower()] = (
                re.sub(r"\\(.)", r"\1", quoted) if plain is None else plain
            )
        found.append(
            Challenge(
                match.group(1).lower(),
                realm=parameters.get("realm", ""),
                service=parameters.get("service", ""),
                scope=parameters.get("scope", ""),
            )
        )
    return tuple(found)


def choose(challenges: Iterable[Challenge]) -> Challenge | None:
    """The one that we can answer; Bearer first, since a token is worth less to a thief than a password."""
    known = {challenge.scheme: challenge for challenge in reversed(tuple(challenges))}
    return known.get("bearer") or known.get("basic")


def basic(user: str, password: str) -> str:
    """The value of `Authorization` (RFC 7617)."""
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


def scope(repository: str, *actions: str) -> str:
    """What is to be done with a repository, in a token server's words."""
    return f"repository:{repository}:{','.join(actions)}"


def token_query(challenge: Challenge, *, scopes: Iterable[str], user: str) -> str:
    """The query of the request for a token."""
    pairs = [("service", challenge.service)] if challenge.service else []
    pairs += [("scope", each) for each in scopes]
    pairs += [("account", user)] if user else []
    return urlencode(pairs)


def refresh_form(challenge: Challenge, *, scopes: Iterable[str], token: str) -> bytes:
    """The form that turns a login's identity token into a token (https://distribution.github.io/distribution/spec/auth/oauth/)."""
    return urlencode(
        {
            "grant_type": "refresh_token",
            "service": challenge.service,
            "scope": " ".join(scopes),
            "client_id": "python-service-buildkit",
            "refresh_token": token,
        }
    ).encode()
