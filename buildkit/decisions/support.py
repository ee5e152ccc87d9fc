"""Until when is a version of the base supported, by the rules of images/support.toml?"""

from __future__ import annotations

import datetime as dt
import re
import tomllib
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from buildkit.values.errors import BadVersionsFile
from buildkit.values.support import Phase, Support, SupportRules

if TYPE_CHECKING:
    from collections.abc import Mapping

    from buildkit.values.base_version import BaseVersion

HINT = "images/README.md shows a whole file"
_LINE = re.compile(r"\d+(\.\d+){0,2}", re.ASCII)
_PYTHON = re.compile(r"3\.\d+", re.ASCII)
_MEMBERS = ("days", "warn_days", "line", "python")


def parse(text: str) -> SupportRules:
    """Read the rules.

    Raises:
        BadVersionsFile: the text is no TOML, or something is missing, unknown or of the wrong type.
    """
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise BadVersionsFile(f"support.toml is not TOML: {error}", hint=HINT) from None
    if unknown := sorted(set(document) - set(_MEMBERS)):
        raise BadVersionsFile(
            f"support.toml: unknown key {unknown[0]}", hint=f"known are {', '.join(_MEMBERS)}"
        )
    return SupportRules(
        days=_days(document, "days"),
        warn_days=_days(document, "warn_days"),
        lines=_ends(document, "line", pattern=_LINE, example="1.4"),
        pythons=_ends(document, "python", pattern=_PYTHON, example="3.13"),
    )


def support(version: BaseVersion, *, released: dt.datetime, rules: SupportRules, today: dt.date) -> Support:
    """How a version stands on a day.

    Args:
        version: the version.
        released: when it was released, with its time zone.
        rules: of images/support.toml.
        today: the day in UTC.
    """
    until, why = _own_end(version, released=released, rules=rules)
    python = rules.pythons.get(version.python)
    if python is not None and python < until:
        until, why = python, f"the end of Python {version.python}"
    left = (until - today).days
    phase = Phase.ENDED if left < 0 else Phase.ENDING if left <= rules.warn_days else Phase.SUPPORTED
    return Support(until, why, phase, left)


def _own_end(version: BaseVersion, *, released: dt.datetime, rules: SupportRules) -> tuple[dt.date, str]:
    for line in (version.number, f"{version.major}.{version.minor}", str(version.major)):
        if line in rules.lines:
            return rules.lines[line], f"the end of {line}"
    end = released.astimezone(dt.UTC).date() + dt.timedelta(days=rules.days)
    return end, f"{rules.days} days after its release"


def _days(document: Mapping[str, Any], key: str) -> int:
    value = document.get(key)
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= 36500:
        raise BadVersionsFile(f"support.toml: {key} must be a number of days, found {value!r}", hint=HINT)
    return value


def _ends(
    document: Mapping[str, Any], key: str, *, pattern: re.Pattern[str], example: str
) -> Mapping[str, dt.date]:
    table = document.get(key, {})
    if not isinstance(table, dict):
        raise BadVersionsFile(f"support.toml: {key} must be a table of dates, found {table!r}", hint=HINT)
    for name, value in table.items():
        # A time of day would make the last day depend on where one reads it.
        if not pattern.fullmatch(name) or type(value) is not dt.date:
            raise BadVersionsFile(
                f'support.toml: {key}."{name}" = {value} is no end', hint=f'write "{example}" = 2027-10-31'
            )
    return MappingProxyType(dict(table))
