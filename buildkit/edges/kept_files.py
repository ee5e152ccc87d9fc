"""What do we keep between runs, so that it need not be fetched again?

Files below one directory, each whole or not there. All of it can be deleted at any time; a directory that cannot be
written to costs time, and nothing else.
"""

from __future__ import annotations

import contextlib
import os
import tempfile
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


def read(path: Path | None) -> bytes | None:
    """What was kept, None if there is nothing that can be read, or no place for it."""
    if path is None:
        return None
    try:
        return path.read_bytes()
    except OSError:
        return None


def write(path: Path | None, content: bytes) -> None:
    """Keep it, whole or not at all; a full or read-only disk is no failure of what the caller wants."""
    if path is None:
        return
    temporary = ""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".part-")
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        os.replace(temporary, path)  # noqa: PTH105 - the name is a string
    except OSError:
        if temporary:
            with contextlib.suppress(OSError):
                os.unlink(temporary)  # noqa: PTH108 - the same
