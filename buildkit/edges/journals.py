"""Which rollouts of a fleet were there?"""

from __future__ import annotations

import contextlib
import re
import secrets
from typing import TYPE_CHECKING

from buildkit.edges.journal import Journal
from buildkit.values.errors import BadJournal, OutOfDisk

if TYPE_CHECKING:
    from pathlib import Path

_NAME = re.compile(r"(\d{4,})-[0-9a-f]+\.jsonl")
START = "start one with `rollout`"


class Journals:
    """A directory of journals, numbered: their order does not hang on a clock.

    Attributes:
        directory: where they are.
        lock: the file that keeps two rollouts on one machine apart.
    """

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.lock = directory / "lock"

    def new(self) -> Journal:
        """The next one; nothing is in it yet (raises OutOfDisk)."""
        number = max((number for number, _ in self._numbered()), default=0) + 1
        path = self.directory / f"{number:04d}-{secrets.token_hex(3)}.jsonl"
        try:
            return Journal.create(path)
        except OSError as error:
            raise OutOfDisk(
                f"cannot create the journal {path}: {error.strerror}", hint="nothing was begun"
            ) from None

    def newest(self) -> Journal | None:
        """The last one that was begun; one without a whole first line was not."""
        for _, path in sorted(self._numbered(), reverse=True):
            if b"\n" in path.read_bytes():
                return Journal.open(path)
        return None

    def last(self) -> Journal:
        """The last one (raises BadJournal if there is none)."""
        journal = self.newest()
        if journal is None:
            raise BadJournal(f"there is no rollout in {self.directory}", hint=START)
        return journal

    def _numbered(self) -> list[tuple[int, Path]]:
        with contextlib.suppress(FileNotFoundError):
            return [
                (int(found[1]), path)
                for path in self.directory.iterdir()
                if (found := _NAME.fullmatch(path.name))
            ]
        return []
