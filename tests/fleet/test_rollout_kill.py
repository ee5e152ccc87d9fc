"""A rollout that is killed at any line of its journal, and goes on, ends as if nothing had happened."""

import pytest

from buildkit.edges.registry import Registry
from tests.fleet.image_making import AMD64, ARM64, Maker
from tests.fleet.rolling import Rolling

OLD, NEW = "1.4.0-r1-py3.13", "1.5.0-r1-py3.13"


@pytest.fixture(scope="module")
def registry(registry_host):
    with Registry.connect(registry_host) as client:
        yield client


@pytest.fixture(scope="module")
def fleet(registry, tmp_path_factory):
    """A canary, a service of two platforms, one that fails, and one that has nothing to be done."""
    maker = Maker(registry, base="kill/python-service")
    maker.release(OLD, platforms=(AMD64, ARM64), created="2026-01-01T00:00:00Z")
    maker.release(NEW, platforms=(AMD64, ARM64), created="2026-02-01T00:00:00Z")
    rolling = Rolling(tmp_path_factory.mktemp("kill"), maker=maker, prefix="kill")
    rolling.service("canary", on=OLD)
    rolling.service("both", on=OLD, platforms=(AMD64, ARM64))
    rolling.service("broken", on=OLD)
    rolling.service("current", on=NEW)
    rolling.script = {"broken": ("broken",)}
    return rolling


@pytest.fixture(scope="module", params=["held", "rolled-back"])
def undisturbed(request, fleet):
    """How it ends if nobody disturbs it: once with a failure that is borne, once braked and put back."""
    braked = request.param == "rolled-back"
    fleet.settings(f'[waves]\nsizes = ["1"]\n[brakes]\nfailures = {0 if braked else 1}')
    fleet.reset()
    arguments = ("--on-failure", "rollback")
    assert fleet.run(*arguments) == 1, fleet.stderr
    tags, report, lines = fleet.tags(), fleet.report, len(fleet.journal)
    assert report["broken"] == "failed"
    assert report["canary"] == "moved"
    return arguments, tags, report, lines, braked


def test_killed_at_each_line_it_ends_as_if_undisturbed(fleet, undisturbed):
    arguments, tags, report, lines, braked = undisturbed
    for line in range(1, lines + 1):
        for torn in (True, False):
            fleet.reset()
            where = f"line {line}{', torn' if torn else ''}"
            assert fleet.run(*arguments, kill={"line": line, "torn": torn}) < 0, where
            fleet.assert_no_unverified_tag()
            began = bool(fleet.journal)
            ended = line == lines and not torn
            code = fleet.run(*(("--resume",) if began else arguments))
            if ended:
                assert "there is nothing to go on with" in fleet.stderr, where
                assert fleet.tags() == tags
                continue
            assert code == 1, f"{where}: {fleet.stderr}"
            fleet.assert_no_unverified_tag()
            assert fleet.tags() == tags, where
            # In a braked wave, what ran beside the one that failed was through before it or did not begin.
            assert braked or fleet.report == report, where
            assert_nothing_is_done_twice(fleet, where)


def test_killed_again_and_again_it_comes_to_its_end(fleet, undisturbed):
    arguments, tags, _, _, _ = undisturbed
    fleet.reset()
    assert fleet.run(*arguments, kill={"line": 2, "torn": False}) < 0
    for _ in range(60):
        code = fleet.run("--resume", kill={"line": 5, "torn": False})
        fleet.assert_no_unverified_tag()
        if code >= 0:
            break
    assert fleet.tags() == tags


def assert_nothing_is_done_twice(fleet, where):
    """What the journal has an outcome of is not done again: one verdict noted, one tag moved for each service."""
    for event in ("made", "verified", "moved", "failed", "returned"):
        services = [line["service"] for line in fleet.journal if line["event"] == event]
        assert len(services) == len(set(services)), f"{where}: {event} twice"
    verdicts = [(verdict["service"], verdict["digest"]) for verdict in fleet.verdicts]
    # The one that was being verified when it was killed is verified once more, and no other.
    assert len(verdicts) - len(set(verdicts)) <= 2, where
