"""Where are the credentials for a registry? Docker's config.json, and the helpers that it names."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

from buildkit.decisions.registry import logins
from buildkit.decisions.registry.logins import Login
from buildkit.edges import files
from buildkit.values.errors import BadSetting

if TYPE_CHECKING:
    from pathlib import Path

HELPER_SECONDS = 30
# What helpers print for a registry that they do not know: not in any contract, but in every helper's source.
UNKNOWN = ("credentials not found", "not found in native keychain", "no credentials")


def find(host: str, *, directory: Path) -> Login:
    """The login for a registry; an unknown one (`Login.known`) if there is none.

    Args:
        host: As users write it, with its port.
        directory: Docker's, with its config.json.

    Raises:
        BadSetting: The file is broken, or a helper fails.
        MissingFile: The file is there and cannot be read.
    """
    path = directory / "config.json"
    try:
        there = path.is_file()
    except OSError:  # a home that is not ours
        there = False
    if not there:
        return Login()
    document = logins.read(files.read(path), path=path)
    name = logins.helper(document, host=host)
    for key in logins.names(host) if name else ():
        found = _ask(name, key=key)
        if found.known:
            return found
    return logins.stored(document, host=host, source=str(path))


def _ask(name: str, *, key: str) -> Login:
    """https://docs.docker.com/reference/cli/docker/login/#credential-helper-protocol"""
    program = f"docker-credential-{name}"
    try:
        done = subprocess.run(
            [program, "get"], input=key, capture_output=True, text=True, timeout=HELPER_SECONDS, check=False
        )
    except OSError as error:
        raise BadSetting(
            f"the credential helper {program} cannot be run ({error.strerror})",
            hint="install it, or take it out of docker's config.json",
        ) from None
    except subprocess.TimeoutExpired:
        raise BadSetting(f"{program} says nothing for {HELPER_SECONDS} s", hint="run it by hand") from None
    said = (done.stdout + done.stderr).strip()
    if done.returncode:
        if any(sign in said.lower() for sign in UNKNOWN):
            return Login()
        last = said.splitlines()[-1:] or ["without a word"]
        raise BadSetting(f"{program} failed ({done.returncode}): {last[0][:160]}", hint="run it by hand")
    return logins.from_helper(done.stdout, source=program)
