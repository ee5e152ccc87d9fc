import os
import subprocess
import sys

from buildkit.edges import own_place


def test_a_process_lives_until_it_ends():
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    named = own_place.process(child.pid)
    assert own_place.lives(named)
    child.kill()
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
    assert not own_place.lives(named), "a zombie does not live"
    child.communicate()
    assert not own_place.lives(named)


def test_a_number_that_was_given_again_is_another_process():
    number, _, started = own_place.own().partition("/")
    assert own_place.lives(f"{number}/{started}")
    assert not own_place.lives(f"{number}/{int(started) + 1}")
    assert not own_place.lives("")


def test_the_place_is_this_boot_and_namespace():
    assert own_place.place() == own_place.place() != ""
