"""Which rows and pins does the text of images/versions.toml hold?"""

import re
import tomllib
from typing import Any, TypeVar

from buildkit.decisions import nodes
from buildkit.values.errors import BadVersionsFile, Misuse, UnknownPython
from buildkit.values.oci import Platform
from buildkit.values.versions import Row, Versions

T = TypeVar("T")
HINT = "images/README.md shows a whole file"


def parse(text: str) -> Versions:
    """Read the pins.

    Raises:
        BadVersionsFile: The text is no TOML, or something is missing or of the wrong type.
    """
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise BadVersionsFile(f"versions.toml is not TOML: {error}", hint=HINT) from None
    base = _get(document, "base", kind=dict)
    bootstrap = _get(document, "bootstrap", kind=dict)
    table = _get(document, "python", kind=dict)
    rows = {python: _row(python, table) for python in table}
    default = _get(base, "python", kind=str)
    if default not in rows:
        raise BadVersionsFile(f'versions.toml has no row for its default Python "{default}"', hint=HINT)
    return Versions(
        base=_get(base, "version", kind=str),
        default_python=default,
        rows=rows,
        packages=_strings(bootstrap, "packages"),
        source_date_epoch=_get(bootstrap, "source_date_epoch", kind=int),
        platforms=_platforms(base),
    )


def choose(versions: Versions, *, python: str = "") -> Row:
    """The row for a Python X.Y, or the default row.

    Raises:
        UnknownPython: There is no such row.
    """
    row = versions.rows.get(python or versions.default_python)
    if row is None:
        known = ", ".join(sorted(versions.rows, key=lambda name: [int(part) for part in name.split(".")]))
        raise UnknownPython(f'no Python "{python}" in versions.toml', hint=f"choose one of {known}")
    return row


def _row(python: str, table: dict[str, Any]) -> Row:
    if not re.fullmatch(r"3\.\d+", python):
        raise BadVersionsFile(f'versions.toml: "{python}" is no Python version', hint='write "3.13"')
    fields = _get(table, python, kind=dict)
    return Row(
        python=python,
        upstream=_get(fields, "upstream", kind=str),
        suite=_get(fields, "suite", kind=str),
        apt_options=_strings(fields, "apt_options") if "apt_options" in fields else (),
    )


def _platforms(base: dict[str, Any]) -> tuple[Platform, ...]:
    names = _strings(base, "platforms") if "platforms" in base else ()
    try:
        return nodes.wanted(",".join(names))
    except Misuse as error:
        raise BadVersionsFile(f"versions.toml: platforms: {error.message}", hint=error.hint) from None


def _get(table: dict[str, Any], key: str, *, kind: type[T]) -> T:
    value = table.get(key)
    if not isinstance(value, kind):
        found = "nothing" if value is None else repr(value)
        raise BadVersionsFile(f"versions.toml: {key} must be a {kind.__name__}, found {found}", hint=HINT)
    return value


def _strings(table: dict[str, Any], key: str) -> tuple[str, ...]:
    values = _get(table, key, kind=list)
    if not all(isinstance(value, str) for value in values):
        raise BadVersionsFile(f"versions.toml: {key} must be a list of strings", hint=HINT)
    return tuple(values)
