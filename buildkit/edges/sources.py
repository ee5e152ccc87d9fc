"""Have a service's source on this machine: a directory as it is, a git repository checked out for a while."""

from __future__ import annotations

import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from buildkit.decisions import git_source
from buildkit.edges import commands
from buildkit.values.blueprint import Checkout
from buildkit.values.errors import BadSource, CommandFailed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from buildkit.values.blueprint import GitSource

# Nobody is there to be asked for a password: the machine's own helpers and keys have it, or it is an error.
# `ext::` and the like, which run commands, are no way to a source.
QUIET = {
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_ALLOW_PROTOCOL": "https:http:ssh:git:file",
    "GIT_SSH_COMMAND": "ssh -o BatchMode=yes",
    "LC_ALL": "C",
}


@contextmanager
def opened(
    source: str, *, directory: Path, on_line: Callable[[str], None] | None = None
) -> Iterator[Checkout]:
    """The source as long as the `with` block lasts; what was checked out is gone afterwards.

    Args:
        source: A directory, or a git URL.
        directory: What a relative directory is relative to.
        on_line: Called with git's progress.

    Raises:
        BadSource: There is no such directory, repository, ref or directory in it.
    """
    git = git_source.parse(source)
    if git is None:
        context = (directory / source).resolve()
        if not context.is_dir():
            raise BadSource(f"there is no source at {context}", hint="name a directory or a git URL")
        yield Checkout(context=context, origin=source, commit=_commit_of(context))
        return
    with tempfile.TemporaryDirectory(prefix="source-") as place:
        yield _checked_out(git, place=Path(place), on_line=on_line)


def _checked_out(git: GitSource, *, place: Path, on_line: Callable[[str], None] | None) -> Checkout:
    """Fetch one commit, whether a branch, a tag or a hash names it, and nothing of its history."""
    shown = git_source.redacted(git.url)

    def run(*words: str, what: str) -> tuple[str, ...]:
        try:
            return commands.run(
                ("git", "-C", str(place), *words), what=what, environment=QUIET, on_line=on_line
            )
        except CommandFailed as error:
            said = error.message.replace(git.url, shown)
            raise BadSource(said, hint="is the URL right, and may this machine read it?") from None

    what = f"fetching {git.ref or 'HEAD'} of {shown}"
    run("init", "--quiet", what=what)
    run("fetch", "--quiet", "--depth=1", "--", git.url, git.ref or "HEAD", what=what)
    run("checkout", "--quiet", "--detach", "FETCH_HEAD", what=what)
    if (place / ".gitmodules").is_file():
        run(
            "submodule", "--quiet", "update", "--init", "--recursive", "--depth=1", what=f"{what}, submodules"
        )
    [commit] = run("rev-parse", "HEAD", what=what)[-1:]
    context = (place / git.directory).resolve()
    if not context.is_dir() or not context.is_relative_to(place.resolve()):
        raise BadSource(f"{shown} has no directory {git.directory!r}", hint="it comes after #ref:")
    return Checkout(context=context, origin=shown, commit=commit)


def _commit_of(context: Path) -> str:
    """The commit of a work tree, empty where there is none; a source without one is as good as any other."""
    look = ("git", "-C", str(context))
    try:
        [commit] = commands.run((*look, "rev-parse", "HEAD"), what="looking for a commit", environment=QUIET)
        changed = commands.run(
            (*look, "status", "--porcelain", "--", "."), what="looking for changes", environment=QUIET
        )
    except (CommandFailed, ValueError):
        return ""
    return f"{commit}-dirty" if changed else commit
