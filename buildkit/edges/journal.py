"""What was done and what is about to be done, on the disk before it is."""

from __future__ import annotations

import contextlib
import datetime as dt
import errno
import os
import threading
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Self

from buildkit.decisions import journal_lines, replay
from buildkit.values.errors import BadJournal, OutOfDisk
from buildkit.values.rollout import Event, Record

if TYPE_CHECKING:
    from pathlib import Path
    from types import TracebackType

    from buildkit.values.rollout import Rollout

# Bytes in all lines of a service, and in the rest.
LINE, PLAN = 4096, 16384
_FULL = (errno.ENOSPC, errno.EDQUOT)


class Journal:
    """An append-only file of JSON lines, each on the disk (fsync) before `append` returns; threads may share it.

    Attributes:
        path: the file.
        state: what its lines add up to; None before the first one.
    """

    def __init__(self, path: Path, *, descriptor: int, records: tuple[Record, ...], size: int) -> None:
        self.path = path
        self.state: Rollout | None = replay.rollout(records) if records else None
        self._descriptor = descriptor
        self._count = len(records)
        self._size = size
        self._lock = threading.Lock()
        self._broken: OSError | None = None

    @classmethod
    def create(cls, path: Path) -> Self:
        """A new journal (raises FileExistsError, other OSErrors)."""
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o644)
        directory = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(directory)  # else the file's name may be lost though its lines are not
        finally:
            os.close(directory)
        return cls(path, descriptor=descriptor, records=(), size=0)

    @classmethod
    def open(cls, path: Path) -> Self:
        """Go on with a journal; what its last writer left unfinished in the last line is cut off.

        Raises:
            BadJournal: it is missing, empty or damaged.
        """
        try:
            descriptor = os.open(path, os.O_RDWR | os.O_CLOEXEC)
        except OSError as error:
            raise BadJournal(f"cannot open {path}: {error.strerror}", hint="is the path right?") from None
        try:
            raw = b"".join(iter(lambda: os.read(descriptor, 1 << 20), b""))
            records, size = journal_lines.read(raw)
            os.ftruncate(descriptor, size)
            os.lseek(descriptor, size, os.SEEK_SET)
            journal = cls(path, descriptor=descriptor, records=records, size=size)
        except BaseException:
            os.close(descriptor)
            raise
        if journal.state is None:
            journal.close()
            raise BadJournal(f"{path} is empty: its rollout had not begun", hint="start a new one")
        return journal

    def close(self) -> None:
        os.close(self._descriptor)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def need_room(self, services: int) -> None:
        """Refuse to begin what the disk cannot take to its end, as far as that can be told before.

        Raises:
            OutOfDisk: there is no room for the lines of so many services.
        """
        disk = os.fstatvfs(self._descriptor)
        needed = LINE * services + PLAN
        if disk.f_bavail * disk.f_frsize < needed:
            raise OutOfDisk(
                f"there is no room in {self.path.parent}: the journal needs some {needed // 1024} KiB",
                hint="make room, or name another directory with --journals",
            )

    def append(self, event: Event, *, service: str = "", **fields: Any) -> Rollout:  # noqa: ANN401 - JSON's types
        """Write one line, wait until the disk has it, and return the state with it.

        Raises:
            OutOfDisk: it could not be written. Then nothing may be done that needs it, and no further line is taken.
        """
        with self._lock:
            if self._broken is not None:
                raise self._failure(self._broken)
            record = Record(self._count + 1, _now(), event, service, MappingProxyType(fields))
            line = journal_lines.written(record)
            try:
                self._write(line)
            except OSError as error:
                self._broken = error
                with contextlib.suppress(OSError):  # a torn line is read over, but a clean end is better
                    os.ftruncate(self._descriptor, self._size)
                raise self._failure(error) from None
            self._count, self._size = record.number, self._size + len(line)
            self.state = replay.after(self.state, record) if self.state else replay.rollout([record])
            return self.state

    def _write(self, line: bytes) -> None:
        view = memoryview(line)
        while view:
            view = view[os.write(self._descriptor, view) :]
        os.fsync(self._descriptor)

    def _failure(self, error: OSError) -> OutOfDisk:
        what = "the disk is full" if error.errno in _FULL else (error.strerror or str(error))
        return OutOfDisk(
            f"cannot write the journal {self.path}: {what}",
            hint="no tag moves without it; make room and go on with `rollout --resume`",
        )


def _now() -> str:
    return dt.datetime.now(tz=dt.UTC).isoformat(timespec="milliseconds")
