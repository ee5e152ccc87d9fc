"""Which commit of which repository is a directory?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from buildkit.decisions import git_source
from buildkit.edges import commands
from buildkit.values.errors import CommandFailed

if TYPE_CHECKING:
    from pathlib import Path


def of(directory: Path) -> tuple[str, str]:
    """The repository's URL without credentials, and the commit; empty where there is none.

    A directory with changes that nobody has committed is no commit.
    """

    def git(*words: str) -> str:
        said = commands.run(("git", "-C", str(directory), *words), what=f"asking git about {directory}")
        return "\n".join(said).strip()

    try:
        commit = "" if git("status", "--porcelain") else git("rev-parse", "HEAD")
        url = git("config", "--get", "remote.origin.url")
    except CommandFailed:  # no git, no repository, or one that came from nowhere
        return "", ""
    return f"git+{git_source.redacted(url)}", commit
