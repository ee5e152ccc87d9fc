import dataclasses
import json

from buildkit.decisions.verdict import LAST_LINES, as_json, exit_code, summary, verdict
from tests.unit.buildkit.evidence import good


def test_all_passed_is_zero():
    found = [verdict(good())]
    assert exit_code(found) == 0
    assert summary(found) == "13 passed"


def test_what_cannot_be_proven_is_counted_and_does_not_fail():
    found = [verdict(good(calls=()))]
    assert exit_code(found) == 0
    assert summary(found) == "11 passed, 2 not proven"


def test_one_failure_of_one_service_fails_the_run():
    found = [verdict(good()), verdict(good(spans=()))]
    assert exit_code(found) == 1
    assert "failed" in summary(found)


def test_only_the_last_lines_are_kept():
    log = "\n".join(f"line {number}" for number in range(100)) + "\n\n"
    assert verdict(good(log=log)).last_lines == tuple(f"line {n}" for n in range(100 - LAST_LINES, 100))


def test_json_has_the_checks_and_each_requests_spans():
    evidence = good()
    document = json.loads(as_json([verdict(evidence)], [evidence]))
    assert document["passed"] is True
    (service,) = document["services"]
    assert service["checks"][0]["outcome"] == "PASS"
    assert service["last_lines"] == []
    first = document["requests"][0]
    assert [span["kind"] for span in first["spans"]] == ["server", "client"]
    assert first["status"] == 200


def test_json_of_a_failure_has_the_last_lines():
    evidence = dataclasses.replace(good(spans=()), log="boom\n")
    document = json.loads(as_json([verdict(evidence)], [evidence]))
    assert document["passed"] is False
    assert document["services"][0]["last_lines"] == ["boom"]
