"""`status` as its users see it: the command line against a real registry."""

import datetime as dt
import json
import subprocess
import sys

import pytest

from buildkit.decisions import oci_json
from buildkit.edges import verdicts
from buildkit.edges.registry import Registry
from buildkit.values.check import Check, Outcome
from buildkit.values.oci import DOCKER_MANIFEST, OCI_CONFIG, OCI_MANIFEST
from buildkit.values.verification import Verification
from buildkit.verbs.build import ROOT
from tests.fleet.image_making import AMD64, ARM64, Maker

OLD, MIDDLE, NEW = "1.4.0-r1-py3.13", "1.4.0-r2-py3.13", "1.5.0-r1-py3.13"


@pytest.fixture(scope="module")
def registry(registry_host):
    with Registry.connect(registry_host) as registry:
        yield registry


@pytest.fixture(scope="module")
def maker(registry):
    maker = Maker(registry, base="status/python-service")
    maker.release(OLD, platforms=(AMD64, ARM64), created="2026-01-01T00:00:00Z")
    maker.release(MIDDLE, platforms=(AMD64, ARM64), created="2026-01-11T00:00:00Z")
    maker.release(NEW, platforms=(AMD64, ARM64), created="2026-02-10T00:00:00Z")
    maker.service("status/current", "app", on=NEW)
    maker.service("status/behind", "app", on=OLD)
    maker.service("status/stranger", "app", on=OLD, tag="other")
    maker.service("status/recompressed", "app", on=OLD, level=1, kind=DOCKER_MANIFEST)
    maker.service("status/both", "app", on=MIDDLE, platforms=(AMD64, ARM64), attested=True)
    lying = maker.image("status/copied", ["alpine", "app"], settings=maker.base_settings(NEW))
    maker.tagged("status/copied", "latest", [lying])
    return maker


@pytest.fixture
def status(maker, registry_host, tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))

    def run(*arguments, services=None, more=""):
        if services is not None:
            lines = [f'registry = "{registry_host}"', 'base = "status/python-service"', more]
            lines += [f'[service."{name}"]\nimage = "{name}"' for name in services]
            (tmp_path / "fleet.toml").write_text("\n".join(lines))
            arguments = ("--fleet", str(tmp_path / "fleet.toml"), *arguments)
        return subprocess.run(
            [sys.executable, "-m", "buildkit", "status", *arguments],
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    return run


def told(ran):
    assert ran.stdout, ran.stderr
    document = json.loads(ran.stdout)
    return {service["name"]: service for service in document["services"]}


SERVICES = ("status/current", "status/behind", "status/recompressed", "status/both", "status/copied")


def test_each_service_is_told_by_its_layers(status):
    ran = status("--json", services=SERVICES)
    found = told(ran)
    assert ran.returncode == 0, ran.stderr
    assert {name.removeprefix("status/"): each["kind"] for name, each in found.items()} == {
        "copied": "not-on-base",
        "behind": "behind",
        "recompressed": "behind",
        "both": "behind",
        "current": "current",
    }
    behind = found["status/behind"]
    assert (behind["base"], behind["newest"]) == (OLD, NEW)
    assert (behind["releases_behind"], behind["days_behind"]) == (2, 40)
    assert "copied labels" in found["status/copied"]["reason"]
    assert [each["platform"] for each in found["status/both"]["platforms"]] == ["linux/amd64", "linux/arm64"]


def test_people_read_the_worst_first_and_a_line_that_sums_it_up(status):
    ran = status(services=SERVICES)
    lines = [line for line in ran.stdout.splitlines() if line.strip()]
    assert lines[0].split() == ["Service", "Stands", "On", "base", "Behind", "Remarks"]
    assert lines[1].startswith("status/copied")
    assert any("2 releases, 40 days" in line for line in lines)
    assert lines[-1] == "5 services: 1 current, 3 behind, 1 not-on-base"


def test_one_service_that_cannot_be_read_stops_no_other(status):
    ran = status("--json", services=("status/nothing", "status/current"))
    assert ran.returncode == 1
    found = told(ran)
    assert found["status/current"]["kind"] == "current"
    assert found["status/nothing"]["kind"] == "error"
    assert "status/nothing" in found["status/nothing"]["error"]
    assert "\n" not in found["status/nothing"]["error"]


def test_images_can_be_named_on_the_command_line(status, registry_host):
    image = f"{registry_host}/status/behind:latest"
    ran = status("--json", "--base", f"{registry_host}/status/python-service", image)
    assert told(ran)[image]["kind"] == "behind"


def test_services_can_be_discovered(status):
    ran = status("--json", services=(), more='discover = ["status/*"]')
    assert ran.returncode == 0
    assert set(told(ran)) == {"current", "behind", "recompressed", "both", "copied"}
    (problem,) = json.loads(ran.stdout)["problems"]
    assert problem == "no tag latest, so no services of this fleet: status/stranger"


def test_a_second_look_asks_for_nothing_that_it_knows(status, registry_server, monkeypatch):
    first = told(status("--json", services=SERVICES))
    assert told(status("--json", services=SERVICES)) == first


def test_a_dockerfile_that_names_the_base_by_digest_is_told_as_pinned(status, registry_host, tmp_path):
    (tmp_path / "source").mkdir()
    pin = f"status/python-service@sha256:{'0' * 64}"
    (tmp_path / "source" / "Dockerfile").write_text(f"FROM {pin}\nCOPY . .\n")
    (tmp_path / "fleet.toml").write_text(
        f'registry = "{registry_host}"\nbase = "status/python-service"\n'
        '[service.shop]\nimage = "status/behind"\nsource = "source"\n'
        '[service.news]\nimage = "status/current"\nsource = "source"\n'
    )
    found = told(status("--json", "--fleet", str(tmp_path / "fleet.toml")))
    assert found["shop"]["kind"] == "pinned"
    assert found["shop"]["reason"] == f"bound to {pin}"
    assert found["news"]["kind"] == "current"


def test_a_registry_without_a_base_is_said_in_one_line(status, registry_host):
    ran = status("--base", f"{registry_host}/nobody/python-service", f"{registry_host}/status/behind")
    assert ran.returncode == 1
    assert ran.stderr.splitlines()[-1].startswith("buildkit: there is no base")


def test_no_fleet_and_no_image_is_misuse(status):
    ran = status()
    assert ran.returncode == 2
    assert ran.stderr.splitlines()[-1].startswith("buildkit: there is no fleet.toml here")


def test_a_registry_that_does_not_answer_is_said_in_one_line(status, tmp_path):
    ran = status("127.0.0.1:1/shop")
    assert ran.returncode == 1
    assert ran.stderr.splitlines()[-1].startswith("buildkit: ")


def test_a_base_beside_a_fleets_file_is_misuse(status):
    ran = status("--base", "x", services=("status/current",))
    assert ran.returncode == 2
    assert ran.stderr.splitlines() == [
        "buildkit: --base goes with images; a fleet's file names its base itself"
    ]


def test_a_broken_config_is_told_in_its_row(status, registry, maker):
    raw = b'{"config": {"Env": 5}}'
    config = registry.put_blob("status/broken", raw, media_type=OCI_CONFIG)
    manifest = {
        "schemaVersion": 2,
        "mediaType": OCI_MANIFEST,
        "config": oci_json.described(config),
        "layers": [],
    }
    registry.put("status/broken", oci_json.written(manifest), media_type=OCI_MANIFEST, version="latest")
    found = told(status("--json", services=("status/broken", "status/current")))
    assert "config.Env is '5'" in found["status/broken"]["error"]
    assert found["status/current"]["kind"] == "current"


def test_what_the_last_verdict_calls_bypassed_is_told_at_once(status, registry, maker):
    digest = maker.service("status/bypassed", "app", on=NEW)
    services = ("status/bypassed",)
    assert told(status("--json", services=services))["status/bypassed"]["kind"] == "current"
    verdict = Verification(
        image="status/bypassed",
        digest=digest,
        checks=(Check("traced", Outcome.FAIL, detail="no span"),),
        time=dt.datetime.now(dt.UTC),
        checks_version=1,
        settings="0" * 64,
        bypass="python was started with -S",
    )
    verdicts.attach(registry, "status/bypassed", registry.head("status/bypassed", digest), verdict)
    found = told(status("--json", services=services))["status/bypassed"]
    assert (found["kind"], found["reason"]) == ("bypassed", "not traced: python was started with -S")
