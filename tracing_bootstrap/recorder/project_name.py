"""What is the project called that a directory holds, by its pyproject.toml or by its own name?"""

from __future__ import annotations

import os

# Directories that images keep services in, whatever they are.
_GENERIC = frozenset((
    "", "app", "apps", "application", "bin", "build", "code", "home", "opt", "project", "python", "root", "server",
    "service", "services", "site", "src", "srv", "tmp", "usr", "var", "web", "work", "workspace", "www",
))  # fmt: skip
_TABLES = ("[project]", "[tool.poetry]")
_MOST_READ = 65_536


def find(directory: str) -> str | None:
    """Return the project's name, or None where nobody gave it one."""
    return _declared(os.path.join(directory, "pyproject.toml")) or _of_directory(directory)


def _declared(path: str) -> str | None:
    """Return the `name` of pyproject.toml's table [project] or [tool.poetry].

    Not by tomllib, which takes longer to import than all the rest of the start: a name is one line.
    """
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            lines = file.read(_MOST_READ).splitlines()
    except OSError:
        return None
    table = ""
    for line in lines:
        text = line.strip()
        if text.startswith("["):
            table = text.replace(" ", "")
        key, equals, value = text.partition("=")
        if equals and table in _TABLES and key.strip().strip("\"'") == "name":
            quoted = value.strip()
            end = quoted.find(quoted[0], 1) if quoted[:1] in ('"', "'") else -1
            return quoted[1:end].strip() or None if end > 0 else None
    return None


def _of_directory(directory: str) -> str | None:
    parent, name = os.path.split(os.path.normpath(directory))
    # A home directory is a user's.
    return None if name.lower() in _GENERIC or parent == "/home" else name
