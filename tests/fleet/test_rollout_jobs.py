"""A rollout that a CI system fans out over its runners: `--matrix`, `--job`, `--collect`."""

import json

import pytest

from tests.fleet.test_rollout import NEW, OLD, base_of
from tests.fleet.test_rollout import rolling as rolling  # noqa: PLC0414 - the same fixture


@pytest.fixture
def three(rolling):
    for name in ("a", "b", "c"):
        rolling.service(name, on=OLD)
    rolling.service("new", on=NEW)
    return rolling


def jobs(rolling):
    assert rolling.run("--matrix") == 0, rolling.stderr
    return json.loads(rolling.stdout)["include"]


def test_jobs_make_and_verify_and_only_the_collection_moves_tags(three, tmp_path):
    before = three.tags()
    found = jobs(three)
    assert sorted(job["services"] for job in found) == ["a", "b", "c"]
    for job in found:
        where = str(tmp_path / "results" / job["services"])
        assert three.run("--job", *job["services"].split(), "--results", where) == 0, three.stderr
    assert three.tags() == before
    verified = len(three.verdicts)
    assert three.run("--collect", "--results", str(tmp_path / "results")) == 0, three.stderr
    assert "3 moved, 1 current" in three.stdout
    assert [base_of(three, name) for name in ("a", "b", "c")] == ["1.5.0"] * 3
    assert verified == 3
    three.assert_no_unverified_tag()


def test_a_job_that_fails_says_why_and_its_service_keeps_its_tag(three, tmp_path):
    results = str(tmp_path / "results")
    three.script = {"broken": ("c",)}
    assert three.run("--job", "a", "--results", results) == 0, three.stderr
    assert three.run("--job", "c", "--results", results) == 1
    assert "c: failed: " in three.stdout
    before = three.tags()
    assert three.run("--collect", "--results", results, "--only", "a", "--only", "b", "--only", "c") == 1
    assert three.report["a"] == "moved"
    assert three.tags()["c"] == before["c"]
    assert "no job has brought a result for it" in three.stdout


def test_results_that_are_not_there_end_it_before_anything_is_moved(three, tmp_path):
    before = three.tags()
    assert three.run("--collect", "--results", str(tmp_path / "nothing")) == 2
    assert "there is no job's result in" in three.stderr
    assert three.tags() == before
    assert three.run() == 0, three.stderr
