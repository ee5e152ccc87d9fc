"""What is the value of a key in a TOML table, and where is it if it is not what it must be?"""

from __future__ import annotations

import difflib
import tomllib
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar

from buildkit.decisions.toml_lines import error_line, line_of
from buildkit.values.errors import BadFleetFile

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

_Word = TypeVar("_Word", bound=StrEnum)
_KINDS = {
    str: "a text",
    int: "a number",
    float: "a number",
    bool: "true or false",
    list: "a list",
    dict: "a table",
}


class Table:
    """A table of a TOML file that knows its place in the file, and so where it is wrong.

    Each accessor returns the default where there is no such key, and raises BadFleetFile, with the file's
    name, the line and the key, where its value is of another kind.
    """

    def __init__(
        self, content: Mapping[str, Any], *, text: str, file: str, path: tuple[str | int, ...] = ()
    ) -> None:
        self._content = content
        self._text = text
        self._file = file
        self._path = path

    @classmethod
    def parse(cls, text: str, *, file: str) -> Table:
        """The whole document.

        Raises:
            BadFleetFile: it is not TOML.
        """
        try:
            content = tomllib.loads(text)
        except ValueError as error:
            said = str(error).partition(" (at ")[0]
            line = error_line(error, text=text)
            raise BadFleetFile(
                f"{file}:{line}: not TOML: {said}", hint="is a quote or a bracket missing?"
            ) from None
        return cls(content, text=text, file=file)

    def __contains__(self, key: str) -> bool:
        return key in self._content

    def __iter__(self) -> Iterator[str]:
        return iter(self._content)

    @property
    def line(self) -> int:
        return line_of(self._text, path=self._path) if self._path else 1

    def refuse(self, key: str, said: str, *, hint: str = "") -> NoReturn:
        """Raise BadFleetFile about a key of this table (or, where it is missing, about the table)."""
        found = line_of(self._text, path=(*self._path, key))
        raise BadFleetFile(f"{self._file}:{found or self.line}: {self._called(key)} {said}", hint=hint)

    def allow(self, keys: Sequence[str]) -> None:
        """Refuse the first key that is none of these."""
        for key in self._content:
            if key not in keys:
                close = difflib.get_close_matches(key, keys, n=1, cutoff=0.6)
                hint = f'did you mean "{close[0]}"?' if close else f"known here: {', '.join(sorted(keys))}"
                self.refuse(key, "is not a known key", hint=hint)

    def kind(self, key: str) -> type | None:
        """The Python type of a key's value."""
        return type(self._content[key]) if key in self._content else None

    def text(self, key: str, *, default: str = "") -> str:
        return str(self._get(key, str, default))

    def boolean(self, key: str, *, default: bool = False) -> bool:
        return bool(self._get(key, bool, default))

    def integer(self, key: str, *, default: int, least: int, most: int) -> int:
        value = self._get(key, int, default)
        if key in self._content and not least <= value <= most:
            self.refuse(key, f"= {value} is out of range", hint=f"write a number from {least} to {most}")
        return int(value)

    def number(self, key: str, *, default: float | None, above: float, most: float) -> float | None:
        value = self._get(key, float, default)
        if key in self._content and not above < value <= most:
            self.refuse(key, f"= {value:g} is out of range", hint=f"more than {above:g} and at most {most:g}")
        return None if value is None else float(value)

    def texts(self, key: str, *, default: tuple[str, ...] = ()) -> tuple[str, ...]:
        """A list of texts; one text is a list of one."""
        value = self._content.get(key, default)
        values = [value] if isinstance(value, str) else value
        if not isinstance(values, (list, tuple)) or not all(isinstance(each, str) for each in values):
            self.refuse(key, f"must be a list of texts, found {_shown(value)}")
        return tuple(values)

    def integers(self, key: str) -> tuple[int, ...]:
        """A list of whole numbers; one number is a list of one."""
        value = self._content.get(key, ())
        values = [value] if isinstance(value, int) else value
        if not isinstance(values, (list, tuple)) or not all(type(each) is int for each in values):
            self.refuse(key, f"must be a list of numbers, found {_shown(value)}")
        return tuple(values)

    def mapping(self, key: str) -> Mapping[str, str]:
        """A table of texts; numbers and booleans are written as TOML writes them."""
        value = self._get(key, dict, {})
        for name, each in value.items():
            if not isinstance(each, (str, int, float)):
                self.table(key).refuse(name, f"must be a text, found {_shown(each)}")
        return MappingProxyType({name: _as_text(each) for name, each in value.items()})

    def choice(self, key: str, kind: type[_Word], *, default: _Word) -> _Word:
        """One of an enumeration's words."""
        if key not in self._content:
            return default
        word = self.text(key)
        try:
            return kind(word)
        except ValueError:
            known = ", ".join(str(each) for each in kind)
            self.refuse(key, f'= "{word}" is not one of its words', hint=f"write one of {known}")

    def table(self, key: str) -> Table:
        """A table within this one, empty if it is not there."""
        return Table(self._get(key, dict, {}), text=self._text, file=self._file, path=(*self._path, key))

    def tables(self, key: str) -> tuple[Table, ...]:
        """The tables of an array of tables."""
        values = self._get(key, list, [])
        if not all(isinstance(value, dict) for value in values):
            self.refuse(key, "must be a list of tables", hint=f"write [[{key}]] before each")
        return tuple(
            Table(value, text=self._text, file=self._file, path=(*self._path, key, number))
            for number, value in enumerate(values)
        )

    def _get(self, key: str, kind: type, default: Any) -> Any:  # noqa: ANN401 - what TOML holds
        if key not in self._content:
            return default
        value = self._content[key]
        fits = isinstance(value, (int, float)) if kind is float else isinstance(value, kind)
        if not fits or (isinstance(value, bool) and kind is not bool):
            self.refuse(key, f"must be {_KINDS[kind]}, found {_shown(value)}")
        return value

    def _called(self, key: str) -> str:
        parts = [str(part) for part in self._path if not isinstance(part, int)]
        return ".".join([*parts, key])


def _shown(value: object) -> str:
    for kind in (bool, str, int, float, list, dict):
        if isinstance(value, kind):
            return f'"{value[:60]}"' if isinstance(value, str) else _KINDS[kind]
    return type(value).__name__


def _as_text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
