"""A verdict is given on a digest, attached to it, and used again."""

import dataclasses
import json
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from buildkit.decisions import attestation, naming, versions_file
from buildkit.decisions.checks import inbound
from buildkit.edges import upstream, verdicts
from buildkit.edges.registry import Registry
from buildkit.edges.verification import Verifier
from buildkit.values.errors import CommandFailed, NotInRegistry, RegistryError
from buildkit.values.oci import Reference
from buildkit.values.service_probe import ServiceProbe
from buildkit.verbs import build
from tests.fleet import bases
from tests.image.services import wait_for
from tests.image.verifying import Bench

GOOD = ServiceProbe(require_outgoing=True)


@pytest.fixture(scope="module")
def bench(engine, settings):
    base = naming.tags(settings, version="unused")[-1]
    if not engine.image_exists(base):
        pytest.fail(f"{base} is not here; run `make build`")
    versions = versions_file.parse(build.VERSIONS.read_text())
    row = versions_file.choose(versions, python=settings.python)
    below = upstream.resolve(engine, row, versions=versions, company=settings.company)
    bench = Bench(engine, settings, base=base, upstream=below)
    yield bench
    bench.clean()


@pytest.fixture(scope="module")
def registry(registry_host):
    """A client for all tests of this file, since the images are pushed once."""
    with Registry.connect(registry_host) as registry:
        yield registry


@pytest.fixture(scope="module")
def pushed(bench, registry):
    """Push one of the services of tests/image/failing, and forget it here; its digest's reference."""
    client = bench.engine.client

    def push(name):
        repository = f"{registry.host}/verified/{name.replace('_', '-')}"
        client.images.get(bench.build(name)).tag(repository, tag="1")
        for line in client.images.push(repository, tag="1", stream=True, decode=True):
            assert "errorDetail" not in line, line
        client.images.remove(f"{repository}:1")
        where = Reference(registry.host, repository.partition("/")[2])
        return dataclasses.replace(where, digest=registry.head(where.repository, "1").digest)

    return push


@pytest.fixture
def verifier(bench, registry):
    return Verifier(bench.engine, registry=registry, company=bench.settings.company)


def test_a_verdict_is_attached_and_used_again(bench, registry, pushed, verifier):
    image = pushed("good")
    first = verifier.verify(image, probe=GOOD)
    assert first.passed
    assert not first.reused
    assert first.cause == ""
    again = verifier.verify(image, probe=GOOD)
    assert again.reused
    assert again.attestation == first.attestation
    assert dataclasses.replace(again, reused=False, time=first.time) == first
    assert abs(again.time - first.time) < timedelta(milliseconds=1)
    assert verdicts.last(registry, image.repository, image.digest).attestation == first.attestation


def test_what_is_attached_is_an_in_toto_statement_about_the_digest(registry, pushed, verifier):
    image = pushed("good")
    verifier.verify(image, probe=GOOD)
    entry, *_ = registry.referrers(
        image.repository, image.digest, artifact_type="application/vnd.in-toto+json"
    )
    manifest = registry.get(image.repository, entry.digest)
    statement = json.loads(registry.blob(image.repository, manifest.layers[0].digest))
    assert statement["_type"] == "https://in-toto.io/Statement/v1"
    assert statement["subject"][0]["digest"] == {"sha256": image.digest.removeprefix("sha256:")}
    assert statement["predicate"]["result"] == "PASSED"
    assert entry.annotations[attestation.KIND] == statement["predicateType"]


def test_other_settings_or_a_wish_for_a_fresh_look_run_it_again(bench, registry, pushed, verifier):
    image = pushed("good")
    verifier.verify(image, probe=GOOD)
    other = dataclasses.replace(GOOD, probes=("/health",))
    assert not verifier.verify(image, probe=other).reused
    assert verifier.verify(image, probe=other).reused
    fresh = Verifier(bench.engine, registry=registry, company=bench.settings.company, fresh=True)
    assert not fresh.verify(image, probe=GOOD).reused


def test_a_failure_is_attached_with_its_cause_and_looked_at_again(registry, pushed, verifier):
    image = pushed("bypassed")
    found = verifier.verify(image, probe=ServiceProbe())
    assert not found.passed
    assert found.cause.startswith(inbound.JOINED)
    assert "the loader is bypassed" in found.bypass
    assert "the loader is bypassed" in verdicts.last(registry, image.repository, image.digest).bypass
    again = verifier.verify(image, probe=ServiceProbe())
    assert not again.reused
    assert again.attestation == found.attestation, "the same failure is attached once"


def test_several_are_verified_side_by_side_and_the_engine_keeps_none_of_them(bench, pushed, verifier):
    images = [pushed(name) for name in ("good", "cuts_the_trace", "exposes_another_port")]
    with ThreadPoolExecutor(4) as pool:
        found = list(
            pool.map(lambda image: verifier.verify(image, probe=ServiceProbe()), [*images, images[1]])
        )
    assert [each.passed for each in found] == [True, False, True, False]
    for image in images:
        assert not bench.engine.image_exists(f"{image.name}@{image.digest}")
    assert bench.leftovers() == []


def test_a_verdict_that_cannot_be_attached_is_no_verdict(bench, registry, faulty, through_faults, pushed):
    """A tag must not move on a word that nobody can read again."""
    image = dataclasses.replace(pushed("exposes_another_port"), registry=faulty.host)
    faulty.add(method="PUT", path="/manifests/", status=403, body=b'{"errors": [{"code": "DENIED"}]}')
    verifier = Verifier(bench.engine, registry=through_faults, company=bench.settings.company)
    probe = ServiceProbe(environment={"NOT": "attached"})
    with pytest.raises(RegistryError):
        verifier.verify(image, probe=probe)
    assert not verifier.verify(image, probe=probe).reused
    assert verifier.verify(image, probe=probe).reused


def test_a_damaged_attachment_does_not_count(registry, pushed, verifier):
    image = pushed("exposes_another_port")
    subject = registry.head(image.repository, image.digest)
    for data in (b"", b"{}", b"\xff", b'{"_type": "https://in-toto.io/Statement/v1"}'):
        registry.attach(
            image.repository,
            subject,
            data,
            artifact_type=attestation.ARTIFACT_TYPE,
            media_type=attestation.MEDIA_TYPE,
            annotations={attestation.KIND: attestation.PREDICATE},
        )
    probe = ServiceProbe(environment={"AMONG": "damaged"})
    assert not verifier.verify(image, probe=probe).reused
    assert verifier.verify(image, probe=probe).reused


def test_an_abort_ends_what_is_under_way_without_a_verdict(bench, registry, pushed):
    image = pushed("never_listens")
    verifier = Verifier(bench.engine, registry=registry, company=bench.settings.company)
    with ThreadPoolExecutor(1) as pool:
        pending = pool.submit(verifier.verify, image, probe=ServiceProbe(timeout=120))
        wait_for(lambda: len(bench.running()) == 2, what="the relay and the service")
        began = time.monotonic()
        verifier.abort()
        with pytest.raises(CommandFailed, match="interrupted"):
            pending.result()
    assert time.monotonic() - began < 30
    assert verdicts.last(registry, image.repository, image.digest) is None
    assert bench.leftovers() == []


def test_an_image_that_is_not_there_is_told(registry, verifier):
    with pytest.raises(NotInRegistry, match="there is no"):
        verifier.verify(Reference(registry.host, "verified/nobody", tag="1"), probe=GOOD)


def test_the_command_line_goes_on_with_the_others_when_one_is_missing(bench, registry, pushed):
    good, bypassed = pushed("good"), pushed("bypassed")
    missing = f"{registry.host}/verified/nobody:1"
    arguments = ["--attest", "--parallel", "3", str(good), str(bypassed), missing]
    command = [sys.executable, "-m", "buildkit", "verify", *arguments]
    ran = subprocess.run(command, cwd=build.ROOT, capture_output=True, text=True, timeout=240, check=False)
    assert ran.returncode == 1
    assert "Traceback" not in ran.stderr
    assert "FAIL: 1 of 3 images passed, 1 failed, 1 could not be verified" in ran.stdout
    assert "the loader is bypassed" in ran.stdout
    assert "there is no" in ran.stdout
    told = subprocess.run([*command, "--json"], cwd=build.ROOT, capture_output=True, timeout=240, check=False)
    first, second, third = json.loads(told.stdout)["images"]
    assert first["passed"]
    assert first["reused"]
    assert second["bypass"]
    assert third["error"]


FLEET = """\
registry = "{host}"
company = "{company}"
[service.healthy]
image = "{good}"
probes = ["/health"]
require_outgoing = true
[service.elsewhere]
image = "{elsewhere}"
ports = [5000]
command = ["env", "SAID=by-the-fleet", "python", "served.py"]
[service.elsewhere.environment]
GREETING = "hello"
[service.switched-off]
image = "{off}"
"""


def test_the_services_of_a_fleet_are_looked_at_as_its_file_says(bench, registry, pushed, tmp_path):
    company = bench.settings.company
    labels = bench.engine.client.images.get(bench.base).labels
    version, revision, python = (
        labels[f"com.{company}.base.{key}"] for key in ("version", "revision", "python")
    )
    release = f"{version}-r{revision}-py{python}"
    bases.push(bench.engine, registry, bench.base, repository=f"{company}/python-service", tag=release)
    names = {"good": "good", "elsewhere": "listens_elsewhere", "off": "switched_off"}
    tags = {key: dataclasses.replace(pushed(name), tag="1", digest="") for key, name in names.items()}
    file = tmp_path / "fleet.toml"
    file.write_text(FLEET.format(host=registry.host, company=company, **tags))
    command = [sys.executable, "-m", "buildkit", "verify", "--fleet", str(file)]

    def run(*arguments):
        return subprocess.run(
            [*command, *arguments], cwd=build.ROOT, capture_output=True, text=True, timeout=240, check=False
        )

    ran = run("--json")
    assert ran.returncode == 1, ran.stderr
    found = {each["image"]: each for each in json.loads(ran.stdout)["images"]}
    assert list(found) == ["healthy", "elsewhere", "switched-off"]
    assert found["healthy"]["passed"], found["healthy"]
    assert found["elsewhere"]["passed"], found["elsewhere"]
    assert "OTEL_SDK_DISABLED=true" in found["switched-off"]["bypass"]
    again = run("healthy", "elsewhere")
    assert again.returncode == 0
    assert again.stdout.count("by its attached verdict") == 2
    unknown = run("nobody")
    assert unknown.returncode == 2
    assert "has no service 'nobody'; its services: healthy, elsewhere, switched-off" in unknown.stderr
