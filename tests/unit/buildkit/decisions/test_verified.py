import json
from datetime import UTC, datetime

from buildkit.decisions import verified
from buildkit.decisions.verified import Result
from buildkit.values.check import Check, Outcome
from buildkit.values.errors import NotInRegistry
from buildkit.values.verification import Verification


def found(outcome, **more):
    checks = (Check("Starts", Outcome.PASS), Check("Carries", outcome, "seen", cause="because"))
    return Verification("i", "sha256:a", checks, datetime(2026, 1, 1, tzinfo=UTC), 2, "s", **more)


GOOD = Result("good", 3.2, found(Outcome.PASS, called=("http://inventory:8080",)))
BAD = Result("bad", 3.0, found(Outcome.FAIL))
LOST = Result("lost", 0.1, error=NotInRegistry("there is no lost", hint="push it"))


def test_all_must_pass():
    assert verified.exit_code([GOOD]) == 0
    assert verified.exit_code([GOOD, BAD]) == 1
    assert verified.exit_code([GOOD, LOST]) == 1


def test_each_is_told_in_a_line():
    assert GOOD.told == "2 of 2 checks proven, called http://inventory:8080"
    assert BAD.told == "Carries: seen (because)"
    assert LOST.told == "there is no lost; push it"
    again = Result("again", 0.1, found(Outcome.SKIP, reused=True))
    assert again.told == "1 of 2 checks proven, by its attached verdict"


def test_the_summary_counts():
    assert verified.summary([GOOD, BAD, LOST]) == "1 of 3 images passed, 1 failed, 1 could not be verified"


def test_a_program_gets_all_of_it():
    document = json.loads(verified.as_json([GOOD, LOST]))
    assert document["passed"] is False
    first, second = document["images"]
    assert first["checks"][1]["outcome"] == "PASS"
    assert second["error"].startswith("there is no lost")
