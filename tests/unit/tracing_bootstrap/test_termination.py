"""Signals that kill, in processes of their own."""

import signal

import pytest

from tests.unit.tracing_bootstrap.armed import spans, start
from tests.unit.tracing_bootstrap.sink import Sink

STAY = """
import signal, sys, time
work("a")
print(signal.getsignal(signal.SIGTERM) is signal.SIG_DFL, flush=True)
"""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGQUIT], ids=lambda number: number.name)
@pytest.mark.parametrize(
    "way",
    ["time.sleep(60)", "while True: pass", "import ctypes; ctypes.CDLL(None).sleep(60)"],
    ids=["asleep", "busy", "in C"],
)
def test_the_last_spans_of_a_process_that_a_signal_kills_are_sent(tmp_path, number, way):
    with Sink() as sink, start(tmp_path, STAY + way, sink) as program:
        assert program.stdout.readline() == "True\n"
        program.send_signal(number)
        assert program.wait(10) == -number
        assert list(spans(sink)) == ["a"]
        assert program.stderr.read() == ""


def test_a_handler_of_the_services_own_takes_the_place_of_ours(tmp_path):
    code = """
    import signal, sys, time
    work("a")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(7))
    print("ready", flush=True)
    time.sleep(60)
    """
    with Sink() as sink, start(tmp_path, code, sink) as program:
        program.stdout.readline()
        program.terminate()
        assert program.wait(10) == 7
        assert list(spans(sink)) == ["a"]


def test_an_ignored_signal_stays_ignored(tmp_path):
    code = """
    import os, signal
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    work("a")
    os.kill(os.getpid(), signal.SIGTERM)
    print("alive")
    """
    with Sink() as sink, start(tmp_path, code, sink) as program:
        assert program.communicate(timeout=10)[0] == "alive\n"
        assert list(spans(sink)) == ["a"]


def test_a_child_that_is_terminated_at_once_dies_and_its_parent_lives(tmp_path):
    code = """
    import multiprocessing, time
    work("a")
    context = multiprocessing.get_context("fork")
    for _ in range(20):
        process = context.Process(target=time.sleep, args=(60,))
        process.start()
        process.terminate()
        process.join()
        assert process.exitcode == -15, process.exitcode
    print("alive")
    """
    with Sink() as sink, start(tmp_path, code, sink) as program:
        assert program.communicate(timeout=30) == ("alive\n", "")
        assert list(spans(sink)) == ["a"]


def test_a_service_that_closes_all_descriptors_can_still_be_killed(tmp_path):
    code = """
    import os, re, signal, time
    def caught():
        with open("/proc/self/status") as file:
            return int(re.search("SigCgt:.*?([0-9a-f]+)", file.read())[1], 16) >> signal.SIGTERM - 1 & 1
    work("a")
    assert caught()
    os.closerange(3, 100)
    # Our thread sees it as soon as it may run.
    while caught():
        time.sleep(0.001)
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(60)
    """
    with Sink() as sink, start(tmp_path, code, sink) as program:
        assert program.wait(10) == -signal.SIGTERM


@pytest.mark.parametrize("method", ["fork", "forkserver", "spawn"], ids=lambda method: f"a pool by {method}")
def test_a_pool_left_by_with_loses_no_span(tmp_path, method):
    code = f"""
    import multiprocessing
    if __name__ == "__main__":
        with multiprocessing.get_context("{method}").Pool(2) as pool:
            pool.map(work, ["a"] * 6)
    """
    with Sink() as sink, start(tmp_path, code, sink) as program:
        assert program.communicate(timeout=30) == ("", "")
        assert len(spans(sink)["a"]) == 6


@pytest.mark.parametrize(
    ("end", "code"), [("os._exit(3)", 3), ("sys.exit(4)", 4), ("os.execvp('true', ['true'])", 0)]
)
def test_no_way_out_loses_a_span(tmp_path, end, code):
    with Sink() as sink, start(tmp_path, f"import os, sys\nwork('a')\n{end}", sink) as program:
        assert program.communicate(timeout=10) == ("", "")
        assert program.returncode == code
        assert list(spans(sink)) == ["a"]


def test_a_fork_warns_of_no_thread_of_ours(tmp_path):
    code = """
    import os, threading, warnings
    warnings.simplefilter("always")
    work("a")
    for number in range(5):
        pid = os.fork()
        if pid == 0:
            work("child")
            os._exit(0)
        os.waitpid(pid, 0)
        work("parent")
    """
    with Sink() as sink, start(tmp_path, code, sink) as program:
        assert program.communicate(timeout=30) == ("", "")
        assert {name: len(found) for name, found in spans(sink).items()} == {"a": 1, "child": 5, "parent": 5}
