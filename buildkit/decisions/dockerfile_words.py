"""What is left of a Dockerfile's word when its quotes are gone and its variables are replaced?

BuildKit's rules: https://docs.docker.com/reference/dockerfile/#environment-replacement
"""

from __future__ import annotations

import re
from fnmatch import translate
from typing import TYPE_CHECKING

from buildkit.values.errors import BadDockerfile

if TYPE_CHECKING:
    from collections.abc import Mapping

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*|[0-9]")
_MODIFIER = re.compile(r":[-+?]|[-+?]|##?|%%?|//?")


def expand(word: str, *, variables: Mapping[str, str], escape: str, where: str) -> str:
    """The word as the builder takes it; a variable that is not set is empty.

    Args:
        word: as written.
        variables: by name.
        escape: the Dockerfile's escape character.
        where: begins an error's sentence.

    Raises:
        BadDockerfile: a quote or a brace does not end, or `${X:?text}` and X is empty.
    """
    return _Reader(word, variables=variables, escape=escape, where=where).read()


class _Reader:
    """Reads one word from left to right."""

    def __init__(self, word: str, *, variables: Mapping[str, str], escape: str, where: str) -> None:
        self.word = word
        self.variables = variables
        self.escape = escape
        self.where = where
        self.at = 0

    def read(self, *, until: str = "") -> str:
        out: list[str] = []
        while self.at < len(self.word):
            letter = self.word[self.at]
            if letter == until:
                return "".join(out)
            self.at += 1
            if letter == "'" and until != '"':
                out.append(self._quoted())
            elif letter == '"':
                out.append(self.read(until='"'))
                self.at += 1
            elif letter == self.escape:
                out.append(self.word[self.at : self.at + 1])
                self.at += 1
            elif letter == "$":
                out.append(self._variable())
            else:
                out.append(letter)
        if until:
            raise BadDockerfile(f"{self.where}: {self.word} has no closing {until}")
        return "".join(out)

    def _quoted(self) -> str:
        end = self.word.find("'", self.at)
        if end < 0:
            raise BadDockerfile(f"{self.where}: {self.word} has no closing '")
        start, self.at = self.at, end + 1
        return self.word[start:end]

    def _variable(self) -> str:
        braces = self.word[self.at : self.at + 1] == "{"
        name = _NAME.match(self.word, self.at + braces)
        if not name:
            if braces:
                raise BadDockerfile(f"{self.where}: {self.word} has a variable without a name")
            return "$"
        self.at = name.end()
        value = self.variables.get(name[0], "")
        if not braces:
            return value
        modifier = _MODIFIER.match(self.word, self.at)
        if modifier:
            self.at = modifier.end()
        argument = self.read(until="}")
        self.at += 1
        if not modifier:
            if argument:
                raise BadDockerfile(f"{self.where}: cannot read {self.word}")
            return value
        return self._modified(name[0], modifier[0], argument)

    def _modified(self, name: str, modifier: str, argument: str) -> str:
        value = self.variables.get(name, "")
        there = bool(value) if modifier.startswith(":") else name in self.variables
        match modifier[-1]:
            case "-":
                return value if there else argument
            case "+":
                return argument if there else ""
            case "?":
                if not there:
                    raise BadDockerfile(
                        f"{self.where}: {name}: {argument or 'is not set'}",
                        hint="give it as a build argument",
                    )
                return value
            case "#":
                return _without(value, argument, longest=modifier == "##", front=True)
            case "%":
                return _without(value, argument, longest=modifier == "%%", front=False)
        pattern, _, other = argument.partition("/")
        return re.sub(_regex(pattern), lambda _: other, value, count=0 if modifier == "//" else 1)


def _without(value: str, pattern: str, *, longest: bool, front: bool) -> str:
    """The value without what matches the pattern at its front or its end."""
    regex = re.compile(translate(pattern))
    lengths = range(len(value) + 1)
    for length in reversed(lengths) if longest else lengths:
        part, rest = (
            (value[:length], value[length:])
            if front
            else (value[len(value) - length :], value[: len(value) - length])
        )
        if regex.match(part):
            return rest
    return value


def _regex(pattern: str) -> str:
    """A shell pattern as a regular expression that may match in the middle."""
    return "".join({"*": ".*", "?": "."}.get(letter, re.escape(letter)) for letter in pattern)
