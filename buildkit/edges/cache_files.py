"""Keep copies of what can be had again: in files that are whole or not there.

Nothing here fails: a cache that cannot be read or written (a full disk, no rights) costs time, and nothing else.
Paths are texts, since making a path object costs more than reading the file.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import tempfile
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


class CacheFiles:
    """Files of one kind, by name.

    Args:
        directory: the cache; None for none at all: then nothing is ever found.
        kind: the part of it.
    """

    def __init__(self, directory: Path | None, *, kind: str) -> None:
        self._root = None if directory is None else os.path.join(directory, kind)  # noqa: PTH118

    def read(self, name: str, *, seconds: float | None = None) -> bytes | None:
        """What was kept under a name; None if there is nothing, or only something older than so many seconds."""
        if self._root is None:
            return None
        try:
            with open(self._path(name), "rb") as file:  # noqa: PTH123
                if seconds is not None and not 0 <= time.time() - os.fstat(file.fileno()).st_mtime < seconds:
                    return None
                return file.read()
        except OSError:
            return None

    def write(self, name: str, content: bytes) -> None:
        if self._root is None:
            return
        path = self._path(name)
        temporary = ""
        try:
            folder = os.path.dirname(path)  # noqa: PTH120
            os.makedirs(folder, exist_ok=True)  # noqa: PTH103
            handle, temporary = tempfile.mkstemp(dir=folder, prefix=".part-")
            with os.fdopen(handle, "wb") as file:
                file.write(content)
            os.replace(temporary, path)  # noqa: PTH105
        except OSError:
            if temporary:
                with contextlib.suppress(OSError):
                    os.unlink(temporary)  # noqa: PTH108

    def forget(self, name: str) -> None:
        if self._root is not None:
            with contextlib.suppress(OSError):
                os.unlink(self._path(name))  # noqa: PTH108

    def _path(self, name: str) -> str:
        """A name may be anything that a registry says: its digest is what can be a path."""
        hashed = hashlib.sha256(name.encode()).hexdigest()
        return f"{self._root}/{hashed[:2]}/{hashed}"
