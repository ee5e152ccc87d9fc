"""Which credentials for a registry does docker's own configuration hold?

https://docs.docker.com/reference/cli/docker/login/: `credHelpers` by registry, then `credsStore`, then `auths`.
"""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from buildkit.decisions.reference import HUB
from buildkit.values.errors import BadSetting

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

HUB_KEY = "https://index.docker.io/v1/"
# What a helper calls the user of an identity token.
TOKEN_USER = "<token>"  # noqa: S105 - a name, not a secret


@dataclass(frozen=True, slots=True)
class Login:
    """Credentials for one registry; all empty is nobody.

    Attributes:
        user: Empty with an identity token.
        password: Or a personal access token.
        identity_token: What an OAuth2 login left: it buys tokens.
        source: Where it is from, for messages.
    """

    user: str = ""
    password: str = field(default="", repr=False)
    identity_token: str = field(default="", repr=False)
    source: str = ""

    @property
    def known(self) -> bool:
        return bool(self.password or self.identity_token)

    def __str__(self) -> str:
        if not self.known:
            return "anybody without credentials"
        return f"{self.user or 'the identity token'} (from {self.source})"


def read(text: str, *, path: Path) -> Mapping[str, Any]:
    """Docker's config.json.

    Raises:
        BadSetting: It is no JSON object.
    """
    try:
        document = json.loads(text)
    except ValueError as error:
        raise BadSetting(f"{path} is no JSON ({error})", hint="repair it, or `docker login` anew") from None
    if not isinstance(document, dict):
        raise BadSetting(f"{path} is no JSON object", hint="repair it, or `docker login` anew")
    return document


def helper(document: Mapping[str, Any], *, host: str) -> str:
    """The credential helper that is responsible for a registry (`docker-credential-<name>`), empty for none."""
    helpers = document.get("credHelpers")
    helpers = helpers if isinstance(helpers, dict) else {}
    for key in names(host):
        if isinstance(helpers.get(key), str):
            return str(helpers[key])
    return str(document.get("credsStore") or "")


def stored(document: Mapping[str, Any], *, host: str, source: str) -> Login:
    """What `auths` says of a registry; its keys are hosts, some with a scheme or a path.

    Raises:
        BadSetting: The entry is not base64 of `user:password`.
    """
    auths = document.get("auths")
    for key, entry in auths.items() if isinstance(auths, dict) else ():
        if _bare(key) not in {_bare(name) for name in names(host)} or not isinstance(entry, dict):
            continue
        user, password = str(entry.get("username") or ""), str(entry.get("password") or "")
        if entry.get("auth"):
            user, password = _decoded(str(entry["auth"]), host=host, source=source)
        login = Login(user, password, str(entry.get("identitytoken") or ""), source)
        if login.known:
            return login
    return Login()


def from_helper(answer: str, *, source: str) -> Login:
    """What a helper printed: `{"Username", "Secret"}`.

    Raises:
        BadSetting: It printed something else.
    """
    try:
        document = json.loads(answer)
        user, secret = str(document["Username"]), str(document["Secret"])
    except (ValueError, KeyError, TypeError):
        raise BadSetting(f"{source} did not print credentials", hint="run it by hand") from None
    if user == TOKEN_USER:
        return Login(identity_token=secret, source=source)
    return Login(user, secret, source=source)


def names(host: str) -> tuple[str, ...]:
    """Under which names a registry's credentials may be kept, the most usual first."""
    if host in {HUB, "registry-1.docker.io", "index.docker.io"}:
        return (HUB_KEY, HUB, "index.docker.io", "registry-1.docker.io")
    return (host, f"https://{host}", f"http://{host}")


def _bare(key: str) -> str:
    return key.removeprefix("https://").removeprefix("http://").partition("/")[0]


def _decoded(auth: str, *, host: str, source: str) -> tuple[str, str]:
    try:
        user, colon, password = base64.b64decode(auth, validate=True).decode().partition(":")
    except ValueError:
        colon = ""
    if not colon:
        raise BadSetting(
            f"the credentials for {host} in {source} cannot be read", hint=f"`docker login {host}`"
        )
    return user, password.rstrip("\0")
