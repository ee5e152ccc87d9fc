import json

from buildkit.decisions import replay, rollout_report
from buildkit.decisions.rollout_words import outcome_line, pace, wave_line
from buildkit.values.plan import Action
from buildkit.values.rollout import Event
from tests.unit.buildkit.rollouts import (
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
)

PLAN = plan(
    service("good"),
    service("bad"),
    service("late", wave=2),
    service("kept", action=Action.KEEP, wave=0),
    service("blocked", action=Action.BLOCKED, wave=0),
    service("gone", action=Action.BLOCKED, wave=0, failed=True),
)


def state(*events):
    return replay.rollout(records(PLAN, wave(1), making("good"), made("good"), verified("good"), *events))


def outcomes(found):
    return {row.service.name: row.outcome for row in rollout_report.rows(found)}


def test_every_service_has_an_outcome_and_the_worst_come_first():
    found = state(moved("good"), failed("bad"), braked(1), ended("braked"))
    assert list(outcomes(found).items()) == [
        ("bad", "failed"),
        ("gone", "failed"),
        ("blocked", "blocked"),
        ("late", "held"),
        ("good", "moved"),
        ("kept", "current"),
    ]
    assert rollout_report.summary(found) == (
        "2 of 6 services are on 1.5.0-r1-py3.13 (2 failed, 1 blocked, 1 held, 1 moved, 1 current)"
    )
    assert rollout_report.exit_code(found) == 1


def test_what_is_held_names_the_brake():
    found = state(moved("good"), failed("bad"), braked(1), ended("braked"))
    late = next(row for row in rollout_report.rows(found) if row.service.name == "late")
    assert late.cause == "wave 1 was braked: too many"


def test_a_tag_that_may_have_moved_is_told_as_unsettled():
    assert outcomes(state((Event.MOVING, "good", {"before": "", "digest": ""})))["good"] == "unsettled"


def test_what_is_blocked_by_its_state_fails_nothing():
    planned = plan(service("blocked", action=Action.BLOCKED, wave=0), service("good"))
    events = [wave(1), making("good"), made("good"), verified("good"), moved("good"), ended("done")]
    assert rollout_report.exit_code(replay.rollout(records(planned, *events))) == 0


def test_the_report_is_json_with_every_digest():
    document = json.loads(json.dumps(rollout_report.document(state(moved("good"), ended("interrupted")))))
    assert document["outcome"] == "interrupted"
    good = next(service for service in document["services"] if service["name"] == "good")
    assert (good["before"], good["digest"]) == ("sha256:before-good", "sha256:after")


def test_a_line_says_what_became_of_a_service():
    found = state(moved("good"), failed("bad"))
    assert outcome_line(PLAN.services[0], found.services["good"]) == (
        "good: rebased from 1.4.0-r1-py3.13 onto 1.5.0-r1-py3.13, verified, its tag moved (3.5 s)"
    )
    assert outcome_line(PLAN.services[1], found.services["bad"]) == (
        "bad: FAILED, keeps its tag: it broke; mend it (0.0 s)"
    )
    assert outcome_line(PLAN.services[2], found.services["late"]) == ""


def test_pace_and_time_left_are_told_in_words():
    assert pace(0, seconds=5, left=9) == ""
    assert pace(10, seconds=5, left=4) == "2.0 a second, 2 s left"
    assert pace(1, seconds=30, left=200) == "2.0 a minute, 1 h 40 min left"
    assert pace(1, seconds=30, left=3) == "2.0 a minute, 1 min 30 s left"
    assert pace(3, seconds=30, left=0) == "6.0 a minute"
    assert wave_line(2, size=5, left=3) == "wave 2: 5 services, 3 left"
    assert wave_line(1, size=1, left=1) == "wave 1: 1 service"
