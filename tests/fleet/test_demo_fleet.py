"""The demo fleet goes from its first state to "all on the newest base, but those that are named" with one command."""

import json
import subprocess
import sys

import pytest

from buildkit.edges.registry import Registry
from buildkit.verbs.build import ROOT
from tests.fleet.demo_fleet import NEW, OLD, DemoFleet

MOVED = {"shop", "stock", "lost", "both", "moved"}


@pytest.fixture(scope="module")
def fleet(engine, settings, registry_host, tmp_path_factory):
    with Registry.connect(registry_host) as registry:
        fleet = DemoFleet(engine, settings, registry=registry, directory=tmp_path_factory.mktemp("demo"))
        try:
            fleet.fill()
            yield fleet
        finally:
            fleet.clean()


def buildkit(*arguments, fleet):
    return subprocess.run(
        [sys.executable, "-m", "buildkit", *arguments, "--fleet", str(fleet.directory / "fleet.toml")],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=280,
        check=False,
    )


def stands(fleet):
    ran = buildkit("status", "--json", fleet=fleet)
    assert ran.returncode == 0, ran.stderr
    services = json.loads(ran.stdout)["services"]
    return {service["name"]: (service["kind"], service["base"]) for service in services}


def test_one_command_takes_the_fleet_to_the_newest_base_but_those_that_it_names(fleet):
    old, new = f"{OLD}-r1-py3.13", f"{NEW}-r1-py3.13"
    before = stands(fleet)
    assert before["pinned"] == ("pinned", old)
    assert before["foreign"] == before["moved"] == ("not-on-base", None)
    assert {before[name] for name in ("shop", "stock", "lost", "both", "legacy", "bypass")} == {
        ("behind", old)
    }

    ran = buildkit("rollout", "--json", fleet=fleet)
    assert ran.stdout, ran.stderr
    report = json.loads(ran.stdout)
    services = {service["name"]: service for service in report["services"]}
    assert ran.returncode == 1, "two services have failed"
    assert report["summary"] == f"5 of 9 services are on {new} (2 failed, 2 blocked, 5 moved)"
    assert {name for name, service in services.items() if service["outcome"] == "moved"} == MOVED
    for name in MOVED:
        assert services[name]["attestation"].startswith("sha256:"), "its verdict is attached to it"
    assert services["moved"]["how"] == "rebuild"
    assert "No such file or directory: '/opt/release-1.4.0'" in services["legacy"]["cause"]
    assert (
        "`python -S served.py`, and -S skips `site` (on its present base, too)" in services["bypass"]["cause"]
    )
    assert services["pinned"]["cause"].startswith("bound to company/python-service@sha256:")
    assert services["foreign"]["hint"] == "let its last stage say FROM the base"

    after = stands(fleet)
    assert {after[name] for name in MOVED} == {("current", new)}
    assert after["legacy"] == ("behind", old)
    assert after["bypass"] == ("bypassed", old), "the verdict that the rollout left tells it"
    tags = {name: fleet.registry.head(f"demo/{name}", "latest").digest for name in services}
    for name, service in services.items():
        assert tags[name] == (service["digest"] if name in MOVED else service["before"])

    ran = buildkit("rollback", fleet=fleet)
    assert ran.returncode == 0, ran.stderr
    assert stands(fleet) == before | {"bypass": ("bypassed", old)}
