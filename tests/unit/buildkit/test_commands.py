import errno
import sys

import pytest

from buildkit.edges.commands import from_system, run
from buildkit.values.errors import CommandFailed, OutOfDisk


def python(code):
    return (sys.executable, "-c", code)


def test_lines_arrive_one_by_one_from_both_streams():
    seen = []
    code = "import sys; print('out', flush=True); print('err', file=sys.stderr)"
    assert run(python(code), what="talking", on_line=seen.append) == ("out", "err")
    assert seen == ["out", "err"]


def test_a_failure_says_what_was_done_and_the_last_words():
    with pytest.raises(CommandFailed, match=r"^building x failed \(3\): ERROR: no such thing$"):
        run(python("print('ERROR: no such thing'); raise SystemExit(3)"), what="building x")


def test_a_full_disk_is_recognised_whoever_reports_it():
    code = "print('#9 write /x: no space left on device'); print('#9 ERROR: failed'); raise SystemExit(1)"
    with pytest.raises(OutOfDisk, match="the disk is full; make room") as caught:
        run(python(code), what="building x")
    assert caught.value.exit_code == 1


def test_a_command_that_is_not_there_is_no_traceback():
    with pytest.raises(CommandFailed, match="cannot run /nonesuch: No such file"):
        run(("/nonesuch",), what="trying")


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (OSError(errno.ENOSPC, "No space left on device", "/tmp/x"), "the disk is full (/tmp/x); make room"),
        (OSError("500 Server Error: write /x: no space left on device"), "the disk is full"),
        (PermissionError(errno.EACCES, "Permission denied", "/x"), "/x: Permission denied"),
        (OSError(), "OSError"),
    ],
)
def test_what_the_system_refuses_is_one_line(error, words):
    line = str(from_system(error))
    assert line.startswith(words)
    assert "\n" not in line


def test_variables_are_added_to_ours():
    assert run(
        python("import os; print(os.environ['X'], 'PATH' in os.environ)"), what="x", environment={"X": "1"}
    ) == ("1 True",)
