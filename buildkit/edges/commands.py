"""Run a command and tell its failure in one line."""

import errno
import os
import subprocess
from collections import deque
from collections.abc import Callable, Mapping, Sequence

from buildkit.decisions.progress_lines import cause
from buildkit.values.errors import BuildkitError, CommandFailed, OutOfDisk

KEPT_LINES = 400
MAKE_ROOM = "make room, for example with `docker system prune`"
DISK_IS_FULL = ("no space left on device", "no space left", "you don't have enough free space")


def run(
    command: Sequence[str],
    *,
    what: str,
    environment: Mapping[str, str] | None = None,
    on_line: Callable[[str], None] | None = None,
) -> tuple[str, ...]:
    """Run a command to its end, standard error and output as one stream.

    Args:
        command: Program and arguments; no shell is involved.
        what: What is being done, as the start of the error's sentence.
        environment: Variables added to ours.
        on_line: Called with each line as it comes.

    Returns:
        The last few hundred lines.

    Raises:
        CommandFailed: It ended with another code than 0, or is not there.
        OutOfDisk: It said that the disk is full.
    """
    tail: deque[str] = deque(maxlen=KEPT_LINES)
    try:
        process = subprocess.Popen(
            list(command),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env={**os.environ, **(environment or {})},
            text=True,
            errors="replace",
        )
    except OSError as error:
        raise CommandFailed(f"{what}: cannot run {command[0]}: {error.strerror}") from None
    with process:
        assert process.stdout is not None
        try:
            for line in process.stdout:
                tail.append(line.rstrip("\n"))
                if on_line is not None:
                    on_line(tail[-1])
        except BaseException:
            process.terminate()  # a build that nobody waits for any more must not go on
            raise
    if process.returncode:
        raise failure(tuple(tail), what=what, code=process.returncode)
    return tuple(tail)


def from_system(error: OSError) -> BuildkitError:
    """What the system, or the engine through its client, refused; in one line."""
    text = (error.strerror or str(error) or type(error).__name__).strip().splitlines()[0]
    if error.errno == errno.ENOSPC or any(sign in str(error).lower() for sign in DISK_IS_FULL):
        return OutOfDisk(f"the disk is full ({error.filename or text})", hint=MAKE_ROOM)
    where = f"{error.filename}: " if error.filename else ""
    return CommandFailed(f"{where}{text}")


def failure(lines: tuple[str, ...], *, what: str, code: int) -> BuildkitError:
    """The error that fits a failed command's last lines."""
    text = "\n".join(lines).lower()
    if any(sign in text for sign in DISK_IS_FULL):
        return OutOfDisk(f"{what}: the disk is full", hint=MAKE_ROOM)
    return CommandFailed(f"{what} failed ({code}): {cause(lines) or 'without a word'}")
