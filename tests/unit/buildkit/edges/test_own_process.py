import dataclasses
import subprocess
import sys

from buildkit.edges.own_process import is_alive, myself


def test_we_are_alive():
    assert is_alive(myself())


def test_our_number_in_another_life_is_not_us():
    assert not is_alive(dataclasses.replace(myself(), began="1"))


def test_a_process_that_ended_is_not_alive():
    child = subprocess.Popen([sys.executable, "-c", ""])
    child.wait()
    assert not is_alive(dataclasses.replace(myself(), pid=child.pid))
