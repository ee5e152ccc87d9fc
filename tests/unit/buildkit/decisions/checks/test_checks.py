import dataclasses

import pytest

from buildkit.decisions.checks import judge
from buildkit.values.check import Outcome
from buildkit.values.service import Readiness, Stage
from tests.unit.buildkit.evidence import good


def test_a_service_that_keeps_every_promise_passes_every_check():
    checks = judge(good())
    assert {check.outcome for check in checks} == {Outcome.PASS}
    assert all(check.detail for check in checks)


@pytest.mark.parametrize("stage", [Stage.STARTED, Stage.LISTENS])
@pytest.mark.parametrize("exit_code", [None, 1])
def test_the_checks_and_their_order_are_always_the_same(stage, exit_code):
    """The report puts the checks of several services side by side."""
    broken = good(
        readiness=Readiness(stage, 3.0, exit_code=exit_code), answers=(), calls=(), spans=(), stop=None
    )
    assert [check.name for check in judge(broken)] == [check.name for check in judge(good())]


def test_every_failure_says_what_was_seen_and_why():
    broken = good(
        standing=dataclasses.replace(good().standing, on_base=False, reason="no layers of it"), spans=()
    )
    failures = [check for check in judge(broken) if check.failed]
    assert failures
    assert all(check.detail and check.cause for check in failures)
