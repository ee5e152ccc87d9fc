import pytest

from buildkit.decisions import plan_json
from buildkit.decisions.plan import decide, plan
from buildkit.values.fleet import ServiceEntry, Waves
from buildkit.values.oci import Reference
from buildkit.values.plan import Action, Found, Where
from buildkit.values.reason import Reason

NO_SOURCE = "there is no source to rebuild it from"
BLOCKER = Reason("the uid is another one", "rebuild it")


def found(where, name="shop", **more):
    return Found(name, f"registry.test/{name}:latest", where, Reason("so it is", "do that"), **more)


@pytest.mark.parametrize(
    ("seen", "action", "said"),
    [
        (found(Where.CURRENT), Action.KEEP, "so it is"),
        (found(Where.BEHIND), Action.REBASE, "so it is"),
        (found(Where.BEHIND, source=True), Action.REBASE, "so it is"),
        (found(Where.BEHIND, source=True, blockers=(BLOCKER,)), Action.REBUILD, BLOCKER.text),
        (found(Where.BEHIND, blockers=(BLOCKER,)), Action.BLOCKED, NO_SOURCE),
        (
            found(Where.BEHIND, source=True, footing="it is on Alpine", blockers=(BLOCKER,)),
            Action.BLOCKED,
            "it is on Alpine",
        ),
        (found(Where.PINNED), Action.BLOCKED, "so it is"),
        (found(Where.PINNED, may_move=True), Action.REBASE, "so it is"),
        (found(Where.NOT_ON_BASE), Action.BLOCKED, "so it is"),
        (found(Where.NOT_ON_BASE, source=True), Action.REBUILD, "its Dockerfile does stand on the base"),
        (
            found(Where.NOT_ON_BASE, source=True, footing="FROM alpine"),
            Action.BLOCKED,
            "so it is; FROM alpine",
        ),
        (found(Where.BYPASSED, source=True), Action.BLOCKED, "so it is"),
        (found(Where.UNKNOWN, failed=True), Action.BLOCKED, "so it is"),
    ],
)
def test_each_standing_has_its_action_and_its_reasons(seen, action, said):
    decided, reasons = decide(seen)
    assert decided is action
    assert said in [reason.text for reason in reasons]


def test_what_is_blocked_says_what_to_do():
    _, reasons = decide(found(Where.BEHIND, blockers=(BLOCKER,)))
    assert [reason.hint for reason in reasons] == ["rebuild it", "name its source in fleet.toml"]


def test_only_what_moves_is_in_a_wave_and_a_plan_survives_its_journal():
    seen = [found(Where.CURRENT, "a"), found(Where.BEHIND, "b"), found(Where.NOT_ON_BASE, "c")]
    entries = {each.name: ServiceEntry(each.name, Reference("registry.test", each.name)) for each in seen}
    planned = plan(seen, onto="1.5.0", entries=entries, sizes=Waves())
    assert [(service.name, service.wave) for service in planned.services] == [("a", 0), ("b", 1), ("c", 0)]
    assert [number for number, _ in planned.waves] == [1]
    assert plan_json.read(plan_json.written(planned)) == planned
