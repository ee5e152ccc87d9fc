import dataclasses

import pytest

from buildkit.decisions.checks import start
from buildkit.values.check import Outcome
from buildkit.values.service import Inside, Listener, Readiness, Stage, Standing
from tests.unit.buildkit.evidence import good


def up(evidence):
    return {check.name: check for check in start.comes_up(evidence)}


def not_listening(*listeners, log=""):
    ready = Readiness(Stage.STARTED, 5.0, detail="Connection refused")
    return good(readiness=ready, inside=Inside(listeners=listeners), log=log)


def test_an_image_that_is_not_on_the_base_fails_with_the_reason():
    check = start.stands_on_the_base(good(standing=Standing(False, "its layers are others")))
    assert check.failed
    assert "not built on the base" in check.detail
    assert "its layers are others" in check.detail
    assert "FROM company/python-service" in check.hint


def test_a_crash_has_its_exit_code_and_the_last_words():
    ready = Readiness(Stage.STARTED, 0.4, exit_code=3)
    checks = up(good(readiness=ready, log="Traceback\nImportError: no module named x\n\n"))
    assert "exit code 3" in checks[start.STARTS].detail
    assert "ImportError: no module named x" in checks[start.STARTS].cause
    assert checks[start.LISTENS].outcome is checks[start.ANSWERS].outcome is Outcome.SKIP


def test_a_silent_crash_says_so():
    check = up(good(readiness=Readiness(Stage.STARTED, 0.4, exit_code=1), log=""))[start.STARTS]
    assert "silently" in check.cause
    assert "docker run" in check.hint


@pytest.mark.parametrize(("code", "word"), [(127, "not in the image"), (137, "memory"), (126, "executed")])
def test_exit_codes_with_a_meaning_are_explained(code, word):
    check = up(good(readiness=Readiness(Stage.STARTED, 0.4, exit_code=code)))[start.STARTS]
    assert word in check.hint


def test_bound_to_the_loopback_address_is_told_as_the_cause():
    check = up(not_listening(Listener("127.0.0.1", 8000, loopback=True)))[start.LISTENS]
    assert check.failed
    assert "127.0.0.1:8000" in check.detail
    assert "loopback" in check.cause
    assert "0.0.0.0" in check.hint


def test_another_port_is_told_as_the_cause():
    check = up(not_listening(Listener("0.0.0.0", 5000, loopback=False)))[start.LISTENS]
    assert "0.0.0.0:5000" in check.detail
    assert "--port 5000" in check.hint


def test_another_port_on_the_loopback_address_is_both_causes():
    check = up(not_listening(Listener("127.0.0.1", 5000, loopback=True)))[start.LISTENS]
    assert "loopback" in check.cause
    assert "another port" in check.cause


def test_no_port_at_all_is_told_as_the_cause():
    check = up(not_listening())[start.LISTENS]
    assert "no TCP port" in check.detail
    assert "not a server" in check.cause


def test_a_port_without_http_is_told_as_the_cause():
    ready = Readiness(Stage.LISTENS, 5.0, 8000, "BadStatusLine: SSH-2.0")
    check = up(good(readiness=ready))[start.ANSWERS]
    assert "SSH-2.0" in check.detail
    assert "--port" in check.hint


def test_a_service_that_ends_while_it_is_asked_fails_with_its_exit_code():
    check = up(good(ended=9, stop=None, log="boom\n"))[start.ANSWERS]
    assert check.failed
    assert "exit code 9" in check.detail
    assert "boom" in check.cause


def test_a_request_without_an_answer_fails():
    first, *others = good().answers
    hung = dataclasses.replace(first, status=None, error="TimeoutError: timed out")
    check = up(good(answers=(hung, *others)))[start.ANSWERS]
    assert check.failed
    assert "1 of 9" in check.detail
    assert "timed out" in check.detail
