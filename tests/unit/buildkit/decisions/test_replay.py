import pytest

from buildkit.decisions import replay
from buildkit.decisions.next_step import Do, next_step
from buildkit.values.errors import BadJournal
from buildkit.values.plan import Action
from buildkit.values.rollout import Event
from tests.unit.buildkit.rollouts import (
    AFTER,
    BEFORE,
    braked,
    ended,
    failed,
    made,
    making,
    moved,
    plan,
    records,
    service,
    verified,
    wave,
    wave_done,
)

SHOP = service("shop")
NOT_MADE = (Event.NOT_MADE, "shop", {"cause": "a step failed", "hint": "", "counted": True})
VERIFYING = (Event.VERIFYING, "shop", {"digest": AFTER})
MOVING = (Event.MOVING, "shop", {"before": BEFORE, "digest": AFTER})
BAD = verified("shop", passed=False, cause="no span")


def state(*events, planned=None):
    return replay.rollout(records(planned or plan(SHOP), *events))


def step(*events, shop=SHOP, seals=False):
    found = state(*events, planned=plan(shop))
    return next_step(shop, now=found.services["shop"], seals=seals)


@pytest.mark.parametrize(
    ("events", "do", "again"),
    [
        ([], Do.MAKE, False),
        ([making("shop")], Do.MAKE, True),
        ([making("shop"), made("shop")], Do.VERIFY, False),
        ([making("shop"), made("shop"), VERIFYING], Do.VERIFY, True),
        ([making("shop"), made("shop"), VERIFYING, verified("shop")], Do.MOVE, False),
        ([making("shop"), made("shop"), VERIFYING, verified("shop"), MOVING], Do.MOVE, True),
        ([making("shop"), made("shop", f"{BEFORE}-shop")], Do.KEEP, False),
        ([making("shop"), NOT_MADE], Do.FAIL, False),
        ([making("shop"), made("shop"), BAD], Do.FAIL, False),
    ],
)
def test_the_next_step_goes_on_where_the_journal_ends(events, do, again):
    found = step(*events)
    assert (found.do, found.again) == (do, again)


def test_a_service_that_is_through_has_no_next_step():
    for last in (moved("shop"), failed("shop"), (Event.RETURNED, "shop", {"digest": BEFORE})):
        assert step(making("shop"), made("shop"), verified("shop"), last) is None


def test_what_is_rebased_and_does_not_pass_is_rebuilt_once():
    shop = service("shop", source=True)
    found = step(making("shop"), made("shop"), BAD, shop=shop)
    assert (found.do, found.how) == (Do.MAKE, Action.REBUILD)
    again = step(making("shop"), made("shop"), BAD, making("shop", "rebuild"), made("shop"), BAD, shop=shop)
    assert again.do is Do.FAIL


def test_both_ways_failures_are_told():
    found = state(making("shop"), made("shop"), BAD, making("shop", "rebuild"), NOT_MADE)
    assert found.services["shop"].cause == "no span; and it could not be rebuilt: a step failed"


def test_images_are_sealed_between_verdict_and_move():
    passed = (making("shop"), made("shop"), verified("shop"))
    assert step(*passed, seals=True).do is Do.SEAL
    assert step(*passed, (Event.SEALING, "shop", {"digest": AFTER}), seals=True).again
    assert step(*passed, (Event.SEALED, "shop", {"digest": AFTER}), seals=True).do is Do.MOVE


def test_durations_add_up_over_all_lines():
    found = state(making("shop"), made("shop"), verified("shop"), moved("shop"))
    assert found.services["shop"].seconds == 3.5


def test_after_a_brake_somebody_who_goes_on_knows_of_the_failures():
    events = (wave(1), failed("shop"), braked(1), ended("braked"))
    assert state(*events).waves[1].braked == "too many"
    found = state(*events, (Event.RESUMED, "", {}))
    assert found.waves[1].forgiven == {"shop"}
    assert (found.waves[1].braked, found.outcome) == ("", "")


def test_after_a_kill_nobody_knows_of_the_failures_yet():
    found = state(wave(1), failed("shop"), braked(1), (Event.RESUMED, "", {}))
    assert found.waves[1].forgiven == frozenset()
    assert found.waves[1].braked == "too many"


@pytest.mark.parametrize(
    ("last", "finished"), [("done", True), ("abandoned", True), ("braked", False), ("interrupted", False)]
)
def test_only_what_ended_well_or_was_left_has_nothing_to_go_on_with(last, finished):
    assert state(wave(1), wave_done(1), ended(last)).finished is finished


def test_a_rollback_that_was_interrupted_is_not_finished():
    begun = state(wave(1), wave_done(1), ended("done"), (Event.ROLLBACK, "", {"waves": [1]}))
    assert not begun.finished
    assert begun.rollback == (1,)
    done = state(
        wave(1),
        wave_done(1),
        ended("done"),
        (Event.ROLLBACK, "", {"waves": [1]}),
        (Event.ROLLBACK_DONE, "", {}),
    )
    assert (done.finished, done.outcome) == (True, "rolled-back")


@pytest.mark.parametrize(
    "events",
    [
        [(Event.MADE, "shop", {})],
        [(Event.MAKING, "nobody", {"how": "rebase"})],
        [(Event.MAKING, "shop", {"how": "magic"})],
        [wave_done(7)],
        [(Event.MOVED, "", {})],
    ],
)
def test_lines_that_cannot_be_understood_are_refused(events):
    with pytest.raises(BadJournal):
        state(*events)


def test_a_journal_without_a_plan_is_refused():
    with pytest.raises(BadJournal):
        replay.rollout([])
    with pytest.raises(BadJournal):
        replay.rollout(records(plan(SHOP), wave(1))[1:])
