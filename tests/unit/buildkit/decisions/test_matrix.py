import pytest

from buildkit.decisions import matrix
from buildkit.values.errors import BadJobResult
from buildkit.values.job import JobResult
from buildkit.values.plan import Action, Plan, PlannedService
from buildkit.values.rollout import Event, Progress


def service(name, *, action=Action.REBASE, wave=1, digest="sha256:1", onto="2"):
    return PlannedService(name, f"r/{name}:latest", action, (), digest=digest, onto=onto, wave=wave)


PLAN = Plan(
    "2",
    (
        service("late", wave=3),
        service("kept", action=Action.KEEP, wave=0),
        service("canary", action=Action.REBUILD),
        service("blocked", action=Action.BLOCKED, wave=0),
        service("middle", wave=2),
    ),
)


def test_every_service_that_moves_is_a_job_and_the_canary_is_the_first():
    found = matrix.written(matrix.jobs(PLAN))
    assert found == {
        "include": [
            {"services": "canary", "action": "rebuild", "wave": 1, "onto": "2"},
            {"services": "middle", "action": "rebase", "wave": 2, "onto": "2"},
            {"services": "late", "action": "rebase", "wave": 3, "onto": "2"},
        ]
    }


def test_a_fleet_that_is_larger_than_a_matrix_may_be_shares_jobs():
    plan = Plan("2", tuple(service(f"s{number}") for number in range(600)))
    found = matrix.jobs(plan)
    assert len(found) == 200 <= matrix.MOST
    assert sorted(name for job in found for name in job.services) == sorted(
        each.name for each in plan.services
    )
    assert [job.services for job in matrix.jobs(PLAN, most=1)] == [("canary", "middle", "late")]
    assert matrix.jobs(PLAN, most=1)[0].action == "mixed"


def test_nothing_to_move_is_no_job():
    assert matrix.written(matrix.jobs(Plan("2", ()))) == {"include": []}


def test_a_result_is_read_as_it_was_written():
    progress = Progress(last=Event.MOVED, how=Action.REBUILD, digest="sha256:2", notes=("n",), seconds=1.5)
    found = matrix.result(service("a"), progress)
    assert (found.digest, found.cause, found.how) == ("sha256:2", "", "rebuild")
    assert matrix.read(matrix.result_json(found), file="a.json") == found


def test_an_image_that_did_not_pass_is_not_brought_back():
    progress = Progress(last=Event.FAILED, digest="sha256:2", cause="no span", hint="look")
    found = matrix.result(service("a"), progress)
    assert (found.digest, found.cause, found.hint) == ("", "no span", "look")
    assert matrix.result(service("a"), Progress(last=Event.MAKING)).cause == "it was interrupted"


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"name": "a"}', '{"notes": [], "more": 1}'])
def test_what_is_no_result_is_named(text):
    with pytest.raises(BadJobResult, match=r"x/a\.json is no job's result"):
        matrix.read(text, file="x/a.json")


GOOD = JobResult("a", "sha256:1", "2", digest="sha256:2")


@pytest.mark.parametrize(
    ("found", "planned", "said"),
    [
        (GOOD, service("a"), None),
        (None, service("a"), "no job has brought"),
        (JobResult("a", "sha256:1", "2", cause="broken"), service("a"), "broken"),
        (GOOD, service("a", digest="sha256:9"), "its tag was moved after"),
        (GOOD, service("a", onto="3"), "its job put it onto 2, and 3"),
    ],
)
def test_a_result_is_used_only_for_what_it_was_made_for(found, planned, said):
    refusal = matrix.refusal(found, service=planned)
    assert (refusal is None) if said is None else refusal[0].startswith(said)
