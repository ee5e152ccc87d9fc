import asyncio
import os
import subprocess
import sys
import traceback

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


def hook_that_fails(*args):
    raise ValueError("broken")


@pytest.mark.parametrize("around", [guard.before, guard.after, guard.finally_])
def test_a_hook_that_raises_changes_nothing_for_the_caller(around, capfd):
    hooked = around("hooking", hook_that_fails, lambda value, *, plus: value + plus)
    assert hooked(1, plus=2) == 3
    assert guard.errors() == {"hooking": 1}
    assert "hooking" in capfd.readouterr().err


def test_hooks_see_arguments_and_result_in_their_turn():
    seen = []
    guard.before("c", lambda *args: seen.append(("before", args)), lambda value: seen.append("call"))(7)
    guard.after("c", lambda *args: seen.append(("after", args)), lambda value: value + 1)(7)
    assert seen == [("before", (7,)), "call", ("after", (8, 7))]


def test_what_the_function_raises_passes_through_and_the_last_hook_still_runs():
    seen = []
    with pytest.raises(ValueError, match="broken"):
        guard.finally_("c", seen.append, hook_that_fails)(7)
    with pytest.raises(ValueError, match="broken"):
        guard.after("c", seen.append, hook_that_fails)(8)
    assert seen == [7]


def run(function, *args):
    """What a function returns, or a coroutine function's coroutine."""
    made = function(*args)
    return asyncio.run(made) if asyncio.iscoroutine(made) else made


async def add_async(value):
    await asyncio.sleep(0)
    return value + 1


async def fail_async(*args):
    await asyncio.sleep(0)
    raise ValueError("broken")


AROUND = [
    (guard.around, lambda value: value + 1, hook_that_fails),
    (guard.around_async, add_async, fail_async),
]


@pytest.mark.parametrize(("around", "works", "breaks"), AROUND)
def test_around_a_call_what_was_entered_is_left_with_its_result_or_its_error(around, works, breaks):
    left = []
    hooks = ("c", lambda value: f"entered {value}", lambda *args: left.append(args))
    assert run(around(*hooks, works), 7) == 8
    with pytest.raises(ValueError, match="broken") as raised:
        run(around(*hooks, breaks), 8)
    assert left == [("entered 7", 8, None), ("entered 8", None, raised.value)]


@pytest.mark.parametrize(("around", "works", "breaks"), AROUND)
def test_no_frame_of_ours_stands_in_the_traceback_of_what_the_call_raised(around, works, breaks):
    with pytest.raises(ValueError, match="broken") as raised:
        run(around("c", lambda value: True, lambda *args: None, breaks), 8)
    assert guard.__file__ not in {frame.filename for frame in traceback.extract_tb(raised.tb)}


@pytest.mark.parametrize(("around", "works", "breaks"), AROUND)
def test_around_a_call_hooks_that_raise_change_nothing(around, works, breaks):
    assert run(around("entering", hook_that_fails, pytest.fail, works), 7) == 8
    assert run(around("leaving", lambda value: True, hook_that_fails, works), 7) == 8
    with pytest.raises(ValueError, match="broken"):
        run(around("leaving", lambda value: True, hook_that_fails, breaks), 7)
    assert guard.errors() == {"entering": 1, "leaving": 2}


@pytest.mark.parametrize(("around", "works", "breaks"), AROUND)
def test_what_was_not_entered_is_not_left(around, works, breaks):
    assert run(around("c", lambda value: None, pytest.fail, works), 7) == 8


def test_a_cancelled_coroutine_is_left_with_the_cancellation():
    left = []

    async def wait():
        await asyncio.Event().wait()

    async def cancel():
        task = asyncio.create_task(
            guard.around_async("c", lambda: True, lambda *args: left.append(args), wait)()
        )
        await asyncio.sleep(0)
        task.cancel()
        await asyncio.wait([task])
        return task.cancelled()

    assert asyncio.run(cancel())
    assert [type(exc) for _, _, exc in left] == [asyncio.CancelledError]


def test_of_many_only_those_that_raise_are_left_out(capfd):
    assert guard.each("reading", int, ["1", "x", "3"]) == [1, 3]
    assert guard.errors() == {"reading": 1}


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
