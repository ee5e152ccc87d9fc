"""Is a source a git repository, and which part of it is meant?

The form is docker's: https://docs.docker.com/build/concepts/context/#git-repositories
"""

from __future__ import annotations

import re
from pathlib import PurePosixPath
from urllib.parse import urlsplit, urlunsplit

from buildkit.values.blueprint import GitSource
from buildkit.values.errors import BadSource

_SCHEMES = ("https", "http", "ssh", "git", "file")
# user@host:path, as git's own short form of ssh.
_SHORT = re.compile(r"[\w.-]+@[\w.-]+:(?!/)\S+")


def parse(text: str) -> GitSource | None:
    """The repository that a source names; None if it names a directory.

    Raises:
        BadSource: It looks like a URL, but is none that we take.
    """
    address, _, fragment = text.partition("#")
    scheme, separator, rest = address.partition("://")
    if not separator:
        if not _SHORT.fullmatch(address):
            return None
    elif scheme not in _SCHEMES:
        raise BadSource(
            f"{redacted(text)}: no source is had by {scheme[:20]}://",
            hint=f"give a directory, or a git URL: {', '.join(_SCHEMES)}",
        )
    elif not rest.strip("/"):
        raise BadSource(f"{text} names no repository", hint="write https://host/repository.git#ref:directory")
    ref, _, directory = fragment.partition(":")
    if ref.startswith("-"):
        raise BadSource(f"{ref[:60]!r} cannot be a branch, a tag or a commit")
    if ".." in PurePosixPath(directory).parts:
        raise BadSource(f"{directory!r} leads out of the repository", hint="name a directory inside it")
    return GitSource(url=address, ref=ref, directory=directory.strip("/"))


def redacted(url: str) -> str:
    """The same URL without the credentials in it: for messages, and for what is stored."""
    address, mark, fragment = url.partition("#")
    try:
        parts = urlsplit(address)
    except ValueError:
        return "a source with an unreadable URL"
    if parts.scheme in {"http", "https"} and "@" in parts.netloc:
        address = urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))
    elif parts.password is not None:
        user = parts.username or ""
        address = urlunsplit(parts._replace(netloc=f"{user}@{parts.netloc.rpartition('@')[2]}"))
    return f"{address}{mark}{fragment}"
