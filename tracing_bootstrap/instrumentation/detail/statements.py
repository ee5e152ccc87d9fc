"""What of a database statement may be told: its shape, without the values that stand in it.

Follows OpenTelemetry's semantic conventions 1.37 for databases: `db.query.text` without literals, and
`db.query.summary` as the span's name.
"""

from __future__ import annotations

import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_TEXTS = ("db.query.text", "db.statement")
_LONGEST = 4_096
_MASK = "?"

#: Systems whose statements are not SQL; contrib's packages mask them, or give the key, which is a value too.
_OTHERS = frozenset(("redis", "memcached", "mongodb"))

# Comments and literals: 'it''s', 'it\'s', $tag$...$tag$, and numbers that are no part of a name or a placeholder.
_COMMENT = re.compile(r"/\*.*?\*/|--[^\n]*", re.DOTALL)
_STRING = re.compile(r"'(?:[^'\\]|''|\\.)*(?:'|$)|\$(\w*)\$.*?(?:\$\1\$|$)", re.DOTALL)
_QUOTED = re.compile(r'"(?:[^"\\]|""|\\.)*(?:"|$)', re.DOTALL)
_NUMBER = re.compile(r"(?<![\w$:%.\"`])[-+]?(?:0x[0-9a-fA-F]+|\d+(?:\.\d*)?(?:[eE][-+]?\d+)?)\b")
_SPACE = re.compile(r"\s+")
_TARGET = re.compile(
    r"\b(?:from|into|update|table|join|call)\s+(?:if\s+(?:not\s+)?exists\s+)?([\w.$\"`\[\]]+)", re.IGNORECASE
)


def tidy(name: str, attributes: dict[str, Any]) -> str:
    """Mask the statement in `attributes`, add its summary, and return the span's name."""
    system = attributes.get("db.system.name") or attributes.get("db.system")
    text = next((attributes[key] for key in _TEXTS if isinstance(attributes.get(key), str)), None)
    if system is None or text is None:
        return name
    summary = ""
    if system == "memcached":
        masked = text.partition(" ")[0]
    elif system in _OTHERS:
        masked = text
    else:
        masked = mask(text, quotes_are_strings=system in ("mysql", "mariadb"))
        summary = summarize(masked)
    for key in _TEXTS:
        if key in attributes:
            attributes[key] = masked
    if not summary:
        return name
    attributes["db.query.summary"] = summary
    return summary


def mask(text: str, *, quotes_are_strings: bool = False) -> str:
    """Replace every literal of a SQL statement by a question mark, and leave comments out."""
    text = _COMMENT.sub("", _STRING.sub(_MASK, text[: 4 * _LONGEST]))
    if quotes_are_strings:
        text = _QUOTED.sub(_MASK, text)
    return _SPACE.sub(" ", _NUMBER.sub(_MASK, text)).strip()[:_LONGEST]


def summarize(masked: str) -> str:
    """Return the operation and its first target: `SELECT items`."""
    operation = masked.partition(" ")[0].upper()[:32]
    if not operation.isalpha():
        return ""
    target = _TARGET.search(masked)
    return f"{operation} {target[1][:128]}" if target is not None else operation
