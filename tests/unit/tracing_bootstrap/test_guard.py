import os
import subprocess
import sys

import pytest

from tracing_bootstrap import guard


@pytest.fixture(autouse=True)
def fresh(monkeypatch):
    monkeypatch.setattr(guard, "_errors", {})
    monkeypatch.setattr(guard, "_said", set())
    monkeypatch.delenv("TRACING_BOOTSTRAP_STRICT", raising=False)


def fails(text="broken"):
    raise ValueError(text)


def test_a_call_returns_what_the_function_returns():
    assert guard.call("cause", int, "7") == 7
    assert guard.errors() == {}


def test_an_error_is_swallowed_counted_and_said_once(capfd):
    assert guard.call("patching flask", fails) is None
    assert guard.call("patching flask", fails) is None
    assert guard.errors() == {"patching flask": 2}
    assert capfd.readouterr().err == "tracing: patching flask: ValueError: broken; the service runs on\n"


def test_nothing_is_written_to_stdout(capfd):
    guard.call("cause", fails)
    guard.warn("message")
    assert capfd.readouterr().out == ""


def test_a_guarded_function_keeps_its_name_and_its_result(capfd):
    @guard.guarded("reading the answer")
    def read_answer(value):
        """Read it."""
        return int(value)

    assert (read_answer.__name__, read_answer.__doc__) == ("read_answer", "Read it.")
    assert read_answer("3") == 3
    assert read_answer("x") is None
    assert guard.errors() == {"reading the answer": 1}
    assert "reading the answer" in capfd.readouterr().err


@pytest.mark.parametrize("stop", [KeyboardInterrupt, SystemExit, GeneratorExit])
def test_what_ends_a_process_passes_through(stop):
    def ends():
        raise stop

    with pytest.raises(stop):
        guard.call("cause", ends)
    assert guard.errors() == {}


def test_strict_mode_raises_again_and_still_counts(monkeypatch):
    monkeypatch.setenv("TRACING_BOOTSTRAP_STRICT", "1")
    with pytest.raises(ValueError, match="broken"):
        guard.call("cause", fails)
    assert guard.errors() == {"cause": 1}


def test_the_causes_that_are_remembered_are_bounded(capfd):
    for number in range(1000):
        guard.report(f"cause {number}")
        guard.warn(f"message {number}")
    assert len(guard.errors()) == guard.MAX_CAUSES + 1
    assert guard.errors()[guard.OTHER] == 1000 - guard.MAX_CAUSES
    assert len(capfd.readouterr().err.splitlines()) == 2 * guard.MAX_CAUSES + 1


def test_a_message_is_one_line_of_bounded_length(capfd):
    guard.call("cause", fails, "first\nsecond\r" + "x" * 10_000)
    guard.warn("again")
    guard.warn("again")
    lines = capfd.readouterr().err.splitlines()
    assert len(lines) == 2
    assert len(lines[0]) == guard.MAX_LINE


def test_an_error_that_cannot_be_printed_is_named_by_its_type(capfd):
    class UnprintableError(Exception):
        def __str__(self):
            raise RuntimeError

    guard.report("cause", UnprintableError())
    assert capfd.readouterr().err == "tracing: cause: UnprintableError; the service runs on\n"


def test_text_that_is_no_utf8_is_written_escaped(capfd):
    guard.warn("value \udcff")
    assert capfd.readouterr().err == "tracing: value \\udcff\n"


@pytest.mark.parametrize(
    "setup", ["os.close(2)", "sys.stderr = sys.__stderr__ = None", "sys.__stderr__.close()"]
)
def test_a_missing_stderr_loses_the_line_and_nothing_else(setup):
    code = f"import os, sys\nfrom tracing_bootstrap import guard\n{setup}\n"
    code += "guard.call('cause', int, 'x')\nassert guard.errors() == {'cause': 1}\nprint('done')"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert result.stdout == "done\n"


def test_a_service_that_replaced_sys_stderr_is_not_written_into(monkeypatch, capfd):
    monkeypatch.setattr(sys, "stderr", None)
    guard.warn("message")
    assert capfd.readouterr().err == "tracing: message\n"


def test_a_forked_child_does_not_repeat_what_its_parent_said(capfd):
    guard.call("cause", fails)
    pid = os.fork()
    if pid == 0:
        guard.call("cause", fails)
        os._exit(0 if guard.errors() == {"cause": 2} else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
    assert capfd.readouterr().err.count("\n") == 1
