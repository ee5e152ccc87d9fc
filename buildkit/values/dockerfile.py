"""What does a Dockerfile consist of, and what does the image that it makes stand on?

The words are those of https://docs.docker.com/reference/dockerfile/.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Instruction:
    """One instruction, with its continuation lines and heredocs.

    Attributes:
        word: `FROM`, `RUN` ..., in capitals.
        flags: `--platform=linux/amd64` and the like, as written.
        values: its other words, as written.
        first: the line that it begins on, counted from 1.
        last: the line that it ends on.
    """

    word: str
    flags: tuple[str, ...]
    values: tuple[str, ...]
    first: int
    last: int

    def flag(self, name: str) -> str:
        """The value of `--name=value`, empty if it is not there."""
        prefix = f"--{name}="
        return next((flag[len(prefix) :] for flag in self.flags if flag.startswith(prefix)), "")


@dataclass(frozen=True, slots=True)
class Stage:
    """What begins with a FROM.

    Attributes:
        position: 0 for the first.
        name: what `AS` calls it, in small letters; empty for none.
        image: what FROM names, its variables replaced.
        parent: the position of the earlier stage that FROM names; None for an image.
        start: the FROM itself.
        body: the instructions after it.
    """

    position: int
    name: str
    image: str
    parent: int | None
    start: Instruction
    body: tuple[Instruction, ...] = ()

    @property
    def title(self) -> str:
        """As a person would find it: its name or number, and its line."""
        return f"{f'`{self.name}`' if self.name else f'number {self.position}'} (line {self.start.first})"


@dataclass(frozen=True, slots=True)
class Dockerfile:
    """A whole Dockerfile, under one set of build arguments.

    Attributes:
        text: as it was read.
        instructions: in order, those before the first FROM included.
        stages: in order; at least one.
    """

    text: str
    instructions: tuple[Instruction, ...]
    stages: tuple[Stage, ...]


@dataclass(frozen=True, slots=True)
class Footing:
    """What the image that a Dockerfile makes stands on.

    Attributes:
        chain: the stages from the one that is built down to the one whose FROM names an image.
        image: that image, as written, its variables replaced.
        on_base: whether it is the company's base.
        tag: of the base, if it is named; `latest` if neither tag nor digest is.
        digest: of the base, if it is named: the service is pinned to it.
        spellings: every way in which what is built names the base: in FROM, `COPY --from`, `RUN --mount`.
        reason: why it is not on the base, empty if it is.
    """

    chain: tuple[Stage, ...]
    image: str
    on_base: bool
    tag: str = ""
    digest: str = ""
    spellings: tuple[str, ...] = ()
    reason: str = ""

    @property
    def pinned(self) -> bool:
        return bool(self.digest)
