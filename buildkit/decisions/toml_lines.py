"""On which line of a TOML text is a key?"""

from __future__ import annotations

import bisect
import re
import tomllib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

_LINE = re.compile(r"at line (\d+)")


def line_of(text: str, *, path: Sequence[str | int]) -> int:
    """The line (from 1) on which a key, a table or an array's element begins to be there.

    tomllib tells no positions, and no kept library does. But a file's beginning is a TOML document as well,
    unless it is cut within a value; and a longer beginning has every key of a shorter one. So we look for
    the shortest beginning that has the key, and its statement starts where the next shorter one ends.

    Args:
        text: a valid TOML document.
        path: names of tables and keys, and indexes of elements, from the outside in.

    Returns:
        0 if the document has no such key.
    """
    lines = text.splitlines()

    def has(count: int) -> bool:
        return _has(_longest(lines, count)[1], path)

    if not has(len(lines)):
        return 0
    end = bisect.bisect_left(range(len(lines)), x=True, key=has)
    return _longest(lines, end - 1)[0] + 1


def error_line(error: ValueError, *, text: str) -> int:
    """The line that a syntax error is on; the last one where the text ends too early."""
    found = _LINE.search(str(error))
    return int(found[1]) if found else max(1, len(text.splitlines()))


def _longest(lines: Sequence[str], count: int) -> tuple[int, dict[str, Any]]:
    """The longest valid document of at most `count` lines: how many it has, and what it says."""
    for length in range(count, 0, -1):
        try:
            return length, tomllib.loads("\n".join(lines[:length]) + "\n")
        except ValueError:
            """It ends within a value: cut more."""
    return 0, {}


def _has(document: Any, path: Sequence[str | int]) -> bool:  # noqa: ANN401 - what TOML holds
    for step in path:
        if isinstance(document, dict):
            document = document.get(step)
        elif isinstance(document, list) and isinstance(step, int):
            document = document[step] if step < len(document) else None
        else:
            return False
    return document is not None
