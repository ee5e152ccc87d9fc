"""What does a Dockerfile say: which instructions, which stages, and what does each FROM name?

The grammar is BuildKit's own parser (the package `dockerfile` wraps it): continuation lines, comments between
them, the escape directive, heredocs, JSON forms. What the parser leaves open is decided here as BuildKit does
in the step after it: which words there are, and how variables in FROM are replaced.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from dockerfile import GoParseError, parse_string

from buildkit.decisions import dockerfile_words
from buildkit.values.dockerfile import Dockerfile, Instruction, Stage
from buildkit.values.errors import BadDockerfile

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

# https://docs.docker.com/reference/dockerfile/#overview
WORDS = frozenset((
    "ADD", "ARG", "CMD", "COPY", "ENTRYPOINT", "ENV", "EXPOSE", "FROM", "HEALTHCHECK", "LABEL", "MAINTAINER",
    "ONBUILD", "RUN", "SHELL", "STOPSIGNAL", "USER", "VOLUME", "WORKDIR",
))  # fmt: skip
_DIRECTIVE = re.compile(r"#\s*([A-Za-z][A-Za-z0-9_]*)\s*=\s*(.+?)\s*$")
_STAGE_NAME = re.compile(r"[a-z][a-z0-9_.-]*")


def parse(
    text: str, *, build_args: Mapping[str, str] | None = None, platform: str = "linux/amd64"
) -> Dockerfile:
    """Read a Dockerfile.

    Args:
        text: its content.
        build_args: what `--build-arg` would say; for variables in FROM.
        platform: what is built for; `TARGETARCH` and the like in FROM follow from it.

    Raises:
        BadDockerfile: BuildKit could not read it either; the message names the line.
    """
    directives = _directives(text)
    instructions = tuple(_instructions(text))
    if "syntax" not in directives:  # another frontend may know other words
        for instruction in instructions:
            if instruction.word not in WORDS:
                raise BadDockerfile(
                    f"line {instruction.first}: there is no instruction {instruction.word[:40]}",
                    hint="see https://docs.docker.com/reference/dockerfile/",
                )
    stages = tuple(
        _stages(
            instructions,
            given=build_args or {},
            platform=platform,
            escape=directives.get("escape", "\\"),
        )
    )
    if not stages:
        raise BadDockerfile("there is no FROM in it")
    return Dockerfile(text=text, instructions=instructions, stages=stages)


def lines(text: str) -> list[str]:
    """A Dockerfile's lines as BuildKit counts them: only a line feed ends one."""
    return text.split("\n")


def _directives(text: str) -> dict[str, str]:
    """The directives at its head; they end with the first line that is none."""
    found: dict[str, str] = {}
    for line in lines(text.removeprefix("\ufeff")):
        match = _DIRECTIVE.match(line.strip())
        if not match or match[1].lower() in found:
            break
        found[match[1].lower()] = match[2]
    return found


def _instructions(text: str) -> Iterator[Instruction]:
    try:
        commands = parse_string(text)
    except GoParseError as error:
        where = _line_of(str(error), text=text)
        raise BadDockerfile(f"{where}{error}") from None
    for command in commands:
        word = command.cmd.upper()
        values = tuple(value for value in command.value if value)
        yield Instruction(
            word=word,
            flags=tuple(command.flags),
            values=(command.sub_cmd.upper(), *values) if command.sub_cmd else values,
            first=command.start_line,
            last=command.end_line,
        )


def _line_of(problem: str, *, text: str) -> str:
    """The parser does not say where: the shortest beginning with the same problem ends there."""
    every = lines(text)
    for count in range(1, len(every) + 1):
        try:
            parse_string("\n".join(every[:count]))
        except GoParseError as error:
            if str(error) == problem and problem != "file with no instructions":
                return f"line {count}: "
    return ""


def _stages(
    instructions: tuple[Instruction, ...], *, given: Mapping[str, str], platform: str, escape: str
) -> Iterator[Stage]:
    starts = [at for at, instruction in enumerate(instructions) if instruction.word == "FROM"]
    variables = _global_arguments(
        instructions[: starts[0] if starts else 0], given=given, platform=platform, escape=escape
    )
    names: dict[str, int] = {}
    for position, at in enumerate(starts):
        start = instructions[at]
        end = starts[position + 1] if position + 1 < len(starts) else len(instructions)
        image, name = _from(start, variables=variables, escape=escape)
        yield Stage(
            position=position,
            name=name,
            image=image,
            parent=names.get(image.lower()),
            start=start,
            body=instructions[at + 1 : end],
        )
        if name:
            names[name] = position


def _from(start: Instruction, *, variables: Mapping[str, str], escape: str) -> tuple[str, str]:
    """The image and the stage's name that a FROM gives."""
    where = f"line {start.first}"
    match start.values:
        case [raw]:
            name = ""
        case [raw, word, name] if word.lower() == "as":
            name = name.lower()
            if not _STAGE_NAME.fullmatch(name):
                raise BadDockerfile(f"{where}: a stage cannot be called {name[:60]!r}")
        case _:
            raise BadDockerfile(f"{where}: FROM takes an image, or an image, AS and a name")
    image = dockerfile_words.expand(raw, variables=variables, escape=escape, where=where)
    if not image:
        raise BadDockerfile(
            f"{where}: FROM {raw} names no image: the variable is empty",
            hint="give its ARG a default, or build_args",
        )
    return image, name


def _global_arguments(
    before: tuple[Instruction, ...], *, given: Mapping[str, str], platform: str, escape: str
) -> dict[str, str]:
    """The variables that FROM may use: those declared before the first one, and the platforms'.

    https://docs.docker.com/reference/dockerfile/#automatic-platform-args-in-the-global-scope
    """
    variables: dict[str, str] = {}
    system, _, machine = platform.partition("/")
    architecture, _, variant = machine.partition("/")
    for side in ("BUILD", "TARGET"):
        variables |= {f"{side}PLATFORM": platform, f"{side}OS": system}
        variables |= {f"{side}ARCH": architecture, f"{side}VARIANT": variant}
    variables |= {name: given[name] for name in variables if name in given}
    for instruction in before:
        if instruction.word != "ARG":
            raise BadDockerfile(f"line {instruction.first}: {instruction.word} before the first FROM")
        for pair in instruction.values:
            name, equals, default = pair.partition("=")
            if name in given:
                variables[name] = given[name]
            elif equals:
                variables[name] = dockerfile_words.expand(
                    default, variables=variables, escape=escape, where=f"line {instruction.first}"
                )
    return variables
