"""`rollout` and `rollback` as their users see them, with a real registry and a scripted verifier."""

import json
import os
import subprocess

import pytest

from buildkit.decisions import lease_json
from buildkit.edges.registry import Registry
from buildkit.values.lease import Lease
from tests.fleet.image_making import AMD64, ARM64, Maker
from tests.fleet.rolling import Rolling

OLD, NEW = "1.4.0-r1-py3.13", "1.5.0-r1-py3.13"
BREAKING = "2.0.0-r1-py3.13"


@pytest.fixture
def rolling(registry, unique, tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    maker = Maker(registry, base=f"{unique}/python-service")
    maker.release(OLD, platforms=(AMD64, ARM64), created="2026-01-01T00:00:00Z")
    maker.release(NEW, platforms=(AMD64, ARM64), created="2026-02-01T00:00:00Z")
    return Rolling(tmp_path, maker=maker, prefix=unique)


def base_of(rolling, name):
    """The version that the image behind a service's tag says that it stands on."""
    repository = f"{rolling.prefix}/{name}"
    config = rolling.registry.config(repository, rolling.registry.get(repository, "latest"))
    return config.labels["com.company.base.version"]


def test_a_fleet_is_put_onto_the_newest_base_and_says_so(rolling):
    for name in ("a", "b", "c"):
        rolling.service(name, on=OLD)
    rolling.service("new", on=NEW)
    assert rolling.run() == 0, rolling.stderr
    assert [base_of(rolling, name) for name in ("a", "b", "c", "new")] == ["1.5.0"] * 4
    assert "4 of 4 services are on 1.5.0-r1-py3.13 (3 moved, 1 current)" in rolling.stdout
    assert "a: rebased from 1.4.0-r1-py3.13 onto 1.5.0-r1-py3.13, verified, its tag moved" in rolling.stderr
    rolling.assert_no_unverified_tag()
    assert rolling.run() == 0
    assert "4 current" in rolling.stdout


def test_a_plan_says_what_would_be_done_and_does_nothing(rolling):
    rolling.service("behind", on=OLD)
    rolling.service("current", on=NEW)
    rolling.foreign("foreign")
    rolling.named("missing")
    before = rolling.tags()
    assert rolling.run("--plan", "--json") == 1
    services = {service["name"]: service for service in json.loads(rolling.stdout)["services"]}
    assert {name: service["action"] for name, service in services.items()} == {
        "behind": "rebase",
        "current": "keep",
        "foreign": "blocked",
        "missing": "blocked",
    }
    assert services["behind"]["reasons"][0]["text"] == "1 release, 31 days behind"
    assert rolling.run("--plan") == 1
    assert "1 keep, 1 rebase, 2 blocked" in rolling.stdout
    assert rolling.tags() == before
    assert not (rolling.directory / "rollouts").exists()


def test_a_dry_run_tells_the_digests_and_writes_nothing(rolling):
    rolling.service("a", on=OLD, settings={"Cmd": ["own"]})
    before = rolling.tags()
    assert rolling.run("--dry-run") == 0, rolling.stderr
    assert "would be sha256:" in rolling.stdout
    assert rolling.tags() == before


def test_a_service_that_fails_keeps_its_tag_and_the_others_go_on(rolling):
    for name in ("a", "b", "c", "d", "e", "f", "g", "h"):
        rolling.service(name, on=OLD)
    rolling.script = {"broken": ("h",)}
    assert rolling.run() == 1
    assert rolling.report == {"h": "failed"} | dict.fromkeys("abcdefg", "moved")
    assert rolling.tags()["h"] == rolling.originals["h"]
    assert "h: FAILED, keeps its tag: server span: none arrived; look at its log" in rolling.stderr
    rolling.assert_no_unverified_tag()


def test_a_failing_canary_stops_everything_until_somebody_goes_on(rolling):
    for name in ("a", "b", "c"):
        rolling.service(name, on=OLD)
    rolling.script = {"broken": ("a",)}
    assert rolling.run() == 1
    assert rolling.tags() == rolling.originals
    assert rolling.report == {"a": "failed", "b": "held", "c": "held"}
    assert "wave 1 is braked: 1 of 1 services failed (a), 0 are borne" in rolling.stderr
    assert rolling.run() == 1
    assert "has not ended" in rolling.stderr
    assert rolling.run("--resume") == 1
    assert rolling.report == {"a": "failed", "b": "moved", "c": "moved"}


def test_a_braked_wave_goes_back_as_a_whole_when_asked(rolling):
    rolling.settings('[waves]\nsizes = ["1"]')
    for name in ("a", "b", "c"):
        rolling.service(name, on=OLD)
    rolling.script = {"unproven": ("b",)}
    assert rolling.run("--on-failure", "rollback") == 1
    assert "wave 2 is braked: coverage fell" in rolling.stderr
    tags = rolling.tags()
    assert tags["a"] != rolling.originals["a"], "the first wave was well"
    assert (tags["b"], tags["c"]) == (rolling.originals["b"], rolling.originals["c"])
    assert rolling.report == {"a": "moved", "b": "put back", "c": "put back"}
    assert rolling.run("--resume") == 1
    assert "has ended: there is nothing to go on with" in rolling.stderr


def test_what_was_broken_before_stops_nobody(rolling):
    rolling.service("a", on=OLD)
    rolling.service("b", on=OLD)
    rolling.script = {"always_broken": ("a",)}
    assert rolling.run() == 1
    assert rolling.report == {"a": "failed", "b": "moved"}
    assert "none arrived (on its present base, too)" in rolling.stderr


def test_a_service_that_is_traced_less_brakes_its_wave(rolling):
    rolling.service("a", on=OLD)
    rolling.service("b", on=OLD)
    rolling.script = {"unproven": ("a",)}
    assert rolling.run() == 1
    assert "wave 1 is braked: coverage fell from 100% to 0%, 5 points are borne" in rolling.stderr
    assert rolling.report == {"a": "moved", "b": "held"}
    assert rolling.run(verb="rollback") == 0
    assert rolling.tags() == rolling.originals


def test_rollback_puts_back_one_wave_or_all(rolling):
    rolling.settings('[waves]\nsizes = ["1", "2"]')
    for name in ("a", "b", "c"):
        rolling.service(name, on=OLD)
    assert rolling.run() == 0
    moved = rolling.tags()
    assert rolling.run("2", verb="rollback") == 0, rolling.stderr
    assert rolling.tags() == moved | {"b": rolling.originals["b"]}
    assert rolling.run(verb="rollback") == 0
    assert rolling.tags() == rolling.originals
    assert rolling.run("7", verb="rollback") == 2
    assert "has no wave 7; it has 1, 2, 3" in rolling.stderr


def test_rollback_leaves_what_somebody_has_pushed_since(rolling):
    rolling.service("a", on=OLD)
    rolling.service("b", on=OLD)
    assert rolling.run() == 0
    pushed = rolling.maker.service(f"{rolling.prefix}/a", "hotfix", on=NEW)
    assert rolling.run(verb="rollback") == 1
    assert rolling.tags() == {"a": pushed, "b": rolling.originals["b"]}
    assert "a: NOT put back:" in rolling.stderr
    assert "not for what this rollout set" in rolling.stderr


def test_what_is_pushed_between_plan_and_move_stays(rolling):
    """A tag that is lost, or moved by others, is theirs: compare and swap."""
    rolling.settings('[waves]\nsizes = ["1"]')
    rolling.service("a", on=OLD)
    rolling.service("b", on=OLD)
    assert rolling.run(kill={"line": 8, "torn": False}) < 0  # the first wave's only tag has been moved
    pushed = rolling.maker.service(f"{rolling.prefix}/b", "hotfix", on=OLD)
    assert rolling.run("--resume") == 1
    assert rolling.tags()["b"] == pushed
    assert rolling.report == {"a": "moved", "b": "failed"}
    rolling.originals["b"] = pushed
    assert rolling.run() == 0, "the next one takes it from there"
    assert base_of(rolling, "b") == "1.5.0"


def test_a_broken_contract_blocks_what_has_no_source(rolling):
    rolling.service("a", on=OLD)
    settings = rolling.maker.base_settings(BREAKING)
    settings["Labels"]["com.company.base.uid"] = "20002"
    entry = rolling.maker.image(rolling.maker.base, ["debian 2", "venv 2", "tracing 2"], settings=settings)
    rolling.maker.tagged(rolling.maker.base, BREAKING, [entry])
    assert rolling.run() == 0
    assert "0 of 1 services are on 2.0.0-r1-py3.13 (1 blocked)" in rolling.stdout
    assert "10001" in rolling.stdout
    assert "there is no source to rebuild it from" in rolling.stdout


def test_one_service_and_one_version_can_be_chosen(rolling):
    rolling.maker.release("1.6.0-r1-py3.13")
    for name in ("shop", "stock"):
        rolling.service(name, on=OLD)
    assert rolling.run("--only", "stock", "--onto", NEW) == 0, rolling.stderr
    assert base_of(rolling, "stock") == "1.5.0"
    assert rolling.tags()["shop"] == rolling.originals["shop"]
    assert rolling.run("--only", "shopp") == 2
    assert 'no service "shopp" in this fleet; did you mean "shop"?' in rolling.stderr
    assert rolling.run("--onto", "9.9.9-r1-py3.13") == 1
    assert "there is no base 9.9.9-r1-py3.13" in rolling.stderr
    assert rolling.run("--onto", "newest") == 2


def test_waves_and_tiers_of_services_are_honoured(rolling):
    rolling.service("critical", on=OLD, more="tier = 1")
    rolling.service("usual", on=OLD)
    rolling.service("first", on=OLD, more="wave = 1")
    assert rolling.run("--plan", "--json") == 0
    waves = {service["name"]: service["wave"] for service in json.loads(rolling.stdout)["services"]}
    assert waves == {"first": 1, "usual": 2, "critical": 3}


def test_a_platform_that_is_missing_is_told_and_stops_nobody(rolling):
    rolling.service("one", on=OLD, more='platforms = ["linux/amd64", "linux/arm64"]')
    rolling.service("both", on=OLD, platforms=(AMD64, ARM64), more='platforms = ["linux/arm64"]')
    assert rolling.run() == 1
    assert rolling.report == {"one": "failed", "both": "moved"}
    assert "its image has no linux/arm64" in rolling.stdout


def test_the_time_budget_lets_nothing_begin_afterwards(rolling):
    rolling.settings("[brakes]\nminutes = 1e-12")
    rolling.service("a", on=OLD)
    assert rolling.run() == 1
    assert "the time budget of 1e-12 minutes is used up" in rolling.stderr
    assert rolling.tags() == rolling.originals


def test_two_rollouts_at_once_exclude_each_other(rolling):
    for name in ("a", "b", "c"):
        rolling.service(name, on=OLD)
    first = rolling.start(settle=3)
    second = subprocess_of(rolling)
    assert second.returncode == 1
    assert "is rolling out" in second.stderr
    first.join(30)
    assert first.exitcode == 0
    rolling.assert_no_unverified_tag()


def test_the_owner_of_a_lost_lease_moves_no_further_tag(rolling):
    """Somebody else has taken over: whoever had the right before sees it before its next tag."""
    rolling.settings('[waves]\nsizes = ["1"]')
    rolling.service("a", on=OLD)
    rolling.service("b", on=OLD)
    rolling.script = {"steal": (rolling.registry.host, rolling.maker.base)}
    assert rolling.run() == 1
    assert "buildkit: a thief has taken the rollout's lease over" in rolling.stderr
    assert rolling.tags() == rolling.originals
    rolling.script = {}
    assert rolling.run("--resume") == 0, "the thief gave no sign of life"
    assert "taking over from a thief" in rolling.stderr


def test_a_lease_whose_owner_is_gone_from_another_machine_is_taken_over(rolling):
    rolling.service("a", on=OLD)
    lease = Lease("somebody elsewhere", "0001", place="another/1", process="1/1", seconds=2)
    write_lease(rolling.registry, rolling.maker.base, lease)
    assert rolling.run() == 0, rolling.stderr
    assert "taking over from somebody elsewhere, which gave no sign of life for 2 s" in rolling.stderr


@pytest.fixture
def small(tmp_path):
    """A disk of 64 KiB."""
    directory = tmp_path / "small"
    directory.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "none", str(directory)], check=False)
    assert mounted.returncode == 0, "this test mounts a small disk: run it as root"
    yield directory
    subprocess.run(["umount", str(directory)], check=True)


def test_a_full_disk_stops_before_any_tag_moves(rolling, small):
    rolling.service("a", on=OLD)
    (small / "filler").write_bytes(b"x" * 56 * 1024)
    assert rolling.run("--journals", str(small / "rollouts")) == 1
    assert "the journal needs some" in rolling.stderr
    assert rolling.tags() == rolling.originals


def test_a_disk_that_fills_up_stops_before_the_next_tag_moves(rolling, small, tmp_path):
    """The journal cannot take its intent, so nothing is done; with room again it goes on."""
    rolling.settings('[waves]\nsizes = ["1"]')
    for name in ("a", "b", "c", "d", "e", "f"):
        rolling.service(name, on=OLD)
    journals = small / "rollouts"
    assert rolling.run("--journals", str(journals), fill=str(small / "filler")) == 1
    assert "cannot write the journal" in rolling.stderr
    assert "the disk is full; no tag moves without it; make room and go on" in rolling.stderr
    (path,) = journals.glob("*.jsonl")
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    begun = {line["service"] for line in lines if line["event"] == "moving"}
    moved = {name for name, digest in rolling.tags().items() if digest != rolling.originals[name]}
    assert moved <= begun
    assert len(moved) < 6
    (small / "filler").unlink()
    assert rolling.run("--resume", "--journals", str(journals)) == 0, rolling.stderr
    rolling.assert_no_unverified_tag()
    assert all(digest != rolling.originals[name] for name, digest in rolling.tags().items())


@pytest.mark.parametrize("jump", [-86400 * 400, 86400 * 400])
def test_a_clock_that_jumps_changes_nothing(rolling, jump):
    """Order is by number, durations by a clock that does not jump; the wall clock is only for people."""
    rolling.settings('[waves]\nsizes = ["1"]\n[brakes]\nminutes = 5')
    rolling.service("a", on=OLD)
    rolling.service("b", on=OLD)
    assert rolling.run(kill={"line": 9, "torn": False}, clock=0) < 0
    assert rolling.run("--resume", clock=jump) == 0, rolling.stderr
    assert rolling.report == {"a": "moved", "b": "moved"}
    lines = rolling.journal
    assert [line["number"] for line in lines] == list(range(1, len(lines) + 1))
    assert all(0 <= line.get("seconds", 0) < 60 for line in lines)


def write_lease(registry, repository, lease):
    registry.put_blob(repository, lease_json.EMPTY, media_type="application/vnd.oci.empty.v1+json")
    registry.put(
        repository,
        lease_json.written(lease),
        media_type="application/vnd.oci.image.manifest.v1+json",
        version=lease_json.TAG,
    )


def subprocess_of(rolling):
    """Another checkout of the same fleet, as on another machine: no lock file is shared, only the registry is."""
    other = rolling.directory / "other"
    other.mkdir()
    (other / "fleet.toml").write_text((rolling.directory / "fleet.toml").read_text())
    base = rolling.maker.base
    while rolling.registry.head(base, "rollout-lease") is None:
        """Until the first one has written its lease."""
    return subprocess.run(
        ["python", "-m", "buildkit", "rollout", "--fleet", str(other / "fleet.toml")],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env=os.environ | {"PATH": f"{os.path.dirname(os.sys.executable)}:{os.environ['PATH']}"},
    )


def test_an_unknown_registry_is_one_line(rolling):
    (rolling.directory / "fleet.toml").write_text('registry = "127.0.0.1:1"\ndiscover = true\n')
    assert rolling.run() == 1
    assert rolling.stderr.count("\n") == 1
    assert rolling.stderr.startswith("buildkit: ")


def test_discovered_services_are_rolled_out(rolling):
    rolling.service("a", on=OLD)
    (rolling.directory / "fleet.toml").write_text(
        f'registry = "{rolling.registry.host}"\nbase = "{rolling.maker.base}"\n'
        f'company = "company"\ndiscover = "{rolling.prefix}/*"\n'
    )
    assert rolling.run() == 0, rolling.stderr
    assert base_of(rolling, "a") == "1.5.0"


@pytest.fixture
def registry(registry_host):
    with Registry.connect(registry_host) as client:
        yield client
