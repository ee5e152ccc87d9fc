"""`release` on a real registry: what gets which tag, and what does not."""

import json
import platform
import re

import pytest

from buildkit import cli
from buildkit.decisions import naming, oci_json, versions_file
from buildkit.decisions.supply import provenance, sbom
from buildkit.edges import own_files, upstream
from buildkit.edges.base_tags import NOTES_TYPE
from buildkit.edges.children import build_child
from buildkit.values.errors import NotInRegistry
from buildkit.values.oci import OCI_CONFIG, OCI_MANIFEST

PYTHON = "3.13"
FIRST = "0.1.0-r1-py3.13"
ROLLING = ("0.1-py3.13", "0-py3.13", "py3.13", "0", "latest")
NOTES = "# Changelog\n\n## {version}\n\n- Non-breaking: something for a test.\n"


class Desk:
    """Where releases are made: one repository, one changelog, one versions.toml.

    Attributes:
        repository: The base's, with a path before it that no other test has.
    """

    def __init__(self, registry, *, path, directory, capsys):
        self.registry = registry
        self.path = path
        self.repository = f"{path}/company/python-service"
        self._directory = directory
        self._capsys = capsys

    def release(self, *options, version="0.1.0", host=None):
        """The exit code, what it printed, and what it told."""
        versions = self._directory / "versions.toml"
        text = own_files.VERSIONS.read_text()
        versions.write_text(re.sub(r'(?m)^version = "0\.1\.0"', f'version = "{version}"', text, count=1))
        changelog = self._directory / "CHANGELOG.md"
        changelog.write_text(NOTES.format(version=version))
        words = ["--registry", f"{host or self.registry.host}/{self.path}", "--python", PYTHON]
        words += ["--versions", str(versions), "--changelog", str(changelog), *options]
        self._capsys.readouterr()
        code = cli.main(["release", *words])
        out, told = self._capsys.readouterr()
        return code, out, told

    def tags(self):
        """Each tag's digest, without those that hold attachments."""
        try:
            names = self.registry.tags(self.repository)
        except NotInRegistry:
            return {}
        return {
            name: self.registry.head(self.repository, name).digest
            for name in names
            if not name.startswith("sha256-")
        }

    def exists(self):
        return self.repository in set(self.registry.catalogue())

    def labels(self, version):
        config = self.registry.config(self.repository, self.registry.get(self.repository, version))
        return {name.removeprefix("com.company.base."): value for name, value in config.labels.items()}


@pytest.fixture
def desk(registry, unique, tmp_path, capsys, monkeypatch):
    for name in ("COMPANY", "REGISTRY", "PYTHON", "TAG", "UPSTREAM", "COLLECTOR"):
        monkeypatch.delenv(name, raising=False)
    return Desk(registry, path=unique, directory=tmp_path, capsys=capsys)


def test_a_first_release_is_proven_tagged_and_described_and_a_second_changes_nothing(desk):
    code, out, told = desk.release()
    assert code == 0, told
    assert re.search(rf"{FIRST} \(linux/amd64\): \d+ passed", told)
    tags = desk.tags()
    assert set(tags) == {FIRST, *ROLLING}
    assert len(set(tags.values())) == 1
    digest = tags[FIRST]
    assert f"{FIRST}  released, supported until" in out
    assert "- Non-breaking: something for a test." in out

    labels = desk.labels(FIRST)
    assert labels["version"] == "0.1.0"
    assert labels["revision"] == "1"
    assert labels["interpreter"] == "/usr/bin/python3.13"
    assert labels["env"].split() == ["HOME", "PATH", "PORT", "PYTHONUNBUFFERED", "VIRTUAL_ENV"]
    manifest = desk.registry.get(desk.repository, FIRST)
    assert manifest.annotations["org.opencontainers.image.version"] == FIRST
    assert manifest.annotations["org.opencontainers.image.created"] == labels["created"]
    assert {each.artifact_type for each in desk.registry.referrers(desk.repository, digest)} == {
        NOTES_TYPE,
        sbom.MEDIA_TYPE,
        provenance.MEDIA_TYPE,
    }

    code, out, told = desk.release("--json", "--node", f"linux/{machine()}=unix:///var/run/docker.sock")
    (again,) = json.loads(out)["releases"]
    assert code == 0, told
    assert (again["version"], again["new"], again["digest"]) == (FIRST, False, digest)
    assert not any(tag["moves"] for tag in again["tags"])
    assert desk.tags() == tags


def test_new_content_is_the_next_revision_and_an_older_version_takes_no_tag_back(desk):
    assert desk.release()[0] == 0
    first = desk.tags()
    code, out, told = desk.release("--collector", "http://other:4318")
    assert code == 0, told
    second = desk.tags()
    assert second[FIRST] == first[FIRST]
    assert {second[tag] for tag in ROLLING} == {second["0.1.0-r2-py3.13"]} != {first[FIRST]}

    code, _, told = desk.release("--collector", "http://third:4318", "--revision", "1")
    assert code == 2
    assert f"{FIRST} is released already, with other content; use --revision 3, or none" in told
    assert desk.tags() == second

    code, out, told = desk.release(version="0.0.9")
    assert code == 0, told
    third = desk.tags()
    assert third["0.0-py3.13"] == third["0.0.9-r1-py3.13"]
    assert {tag: third[tag] for tag in ROLLING} == {tag: second[tag] for tag in ROLLING}
    assert re.search(r"latest +kept: stays on the newer 0\.1\.0-r2-py3\.13", out)

    code, out, told = desk.release("--force", version="0.0.9")
    assert code == 0, told
    forced = desk.tags()
    assert forced["latest"] == forced["0.0.9-r1-py3.13"]
    assert re.search(r"latest +moved: forced back from 0\.1\.0-r2-py3\.13", out)


def test_a_platform_that_the_engine_cannot_run_is_an_error_and_not_left_out(desk):
    code, out, told = desk.release("--platforms", f"linux/{machine()},linux/s390x")
    assert (code, out) == (1, "")
    last = told.splitlines()[-1]
    assert last.startswith("buildkit: nothing for linux/s390x can be built on this linux/")
    assert "or give --node linux/s390x=ssh://host" in last
    assert not desk.exists()


def machine():
    """As Go has it: what Python says differs."""
    return {"x86_64": "amd64", "aarch64": "arm64"}[platform.machine()]


def test_a_dry_run_pushes_nothing(desk):
    code, out, told = desk.release("--dry-run")
    assert code == 0, told
    assert f"{FIRST}  would be released" in out
    assert not desk.exists()


def test_a_base_whose_services_are_not_traced_gets_no_tag(desk, engine, settings, monkeypatch, tmp_path):
    name = f"{settings.company}/test-release-upstream:untraced"
    (tmp_path / "Dockerfile").write_text("FROM company/python-service\nENV OTEL_SDK_DISABLED=true\n")
    versions = versions_file.parse(own_files.VERSIONS.read_text())
    row = versions_file.choose(versions, python=PYTHON)
    below = upstream.resolve(engine, row, versions=versions, company=settings.company)
    build_child(engine, tmp_path, tag=name, base=below, ca_bundle=None)
    monkeypatch.setenv("UPSTREAM", name)
    try:
        code, out, told = desk.release()
    finally:
        engine.forget(name)
    assert code == 1
    assert out == ""
    assert f"buildkit: {FIRST} (linux/amd64) is not proven:" in told
    assert "no tag has moved" in told
    assert desk.tags() == {}


def test_a_base_that_breaks_its_contract_is_refused_until_its_major_version_says_so(desk):
    assert desk.release()[0] == 0
    before = desk.tags()
    _contract(desk, FIRST, version="0.1.0-r2-py3.13", uid="1000", paths="/app /home/app /opt/old")
    code, _, told = desk.release("--collector", "http://other:4318")
    assert code == 1
    assert "0.1.0-r3-py3.13 breaks what 0.1.0-r2-py3.13 promised: user 1000 -> 10001" in told
    assert "path /opt/old is gone" in told
    assert "only with a new major version: 1.0.0" in told
    assert {tag: digest for tag, digest in desk.tags().items() if tag in before} == before

    assert desk.release("--collector", "http://other:4318", version="1.0.0")[0] == 0
    assert desk.tags()["latest"] == desk.tags()["1.0.0-r1-py3.13"]
    assert desk.tags()["0"] == before["0"]


def _contract(desk, tag, *, version, **labels):
    """A release whose labels promise something else."""
    manifest = desk.registry.get(desk.repository, tag)
    document = json.loads(desk.registry.config(desk.repository, manifest).raw)
    labels = {"revision": version.split("-")[1][1:], **labels}
    document["config"]["Labels"] |= {
        naming.base_label("company", name): value for name, value in labels.items()
    }
    config = desk.registry.put_blob(desk.repository, json.dumps(document).encode(), media_type=OCI_CONFIG)
    changed = json.loads(manifest.raw) | {"config": oci_json.described(config)}
    raw = oci_json.written(changed)
    desk.registry.put(desk.repository, raw, media_type=OCI_MANIFEST, version=version)


@pytest.mark.parametrize("tag", [FIRST, "0.1-py3.13", "latest"])
def test_whatever_tag_a_release_stops_at_running_it_again_finishes_it(desk, faulty, tag):
    faulty.add(method="PUT", path=rf"/manifests/{re.escape(tag)}$", times=1000, status=403, body=b"{}")
    code, _, told = desk.release(host=faulty.host)
    assert code == 1
    assert f":{tag}" in told.splitlines()[-1], told
    assert set(desk.tags()) == {FIRST, *ROLLING}.difference(_from(tag))
    code, _, told = desk.release()
    assert code == 0, told
    assert set(desk.tags()) == {FIRST, *ROLLING}
    assert len(set(desk.tags().values())) == 1


def _from(tag):
    order = (FIRST, *ROLLING)
    return order[order.index(tag) :]


@pytest.mark.parametrize(
    ("options", "code", "said"),
    [
        (("--python", "3.9"), 2, 'no Python "3.9"'),
        (("--platforms", "arm64"), 2, "'arm64' is no platform; write one like linux/arm64"),
        (("--revision", "0"), 2, "--revision 0 is no revision; they count from 1"),
        (("--registry", ""), 2, "a release needs a registry; give --registry host:port, or REGISTRY"),
        (("--node", "linux/arm64=tcp://127.0.0.1:1"), 1, "no Docker Engine answers at tcp://127.0.0.1:1"),
        (("--sign-key", "cosign.key"), 1, "signatures are required, and there is no public key"),
    ],
)
def test_what_cannot_be_released_is_said_in_one_line_before_anything_is_built(desk, options, code, said):
    got, out, told = desk.release(*options)
    assert (got, out) == (code, "")
    assert said in told
    assert len(told.splitlines()) == 1
    assert not desk.exists()


def test_a_version_without_notes_or_with_a_suffix_is_not_released(desk, tmp_path):
    (tmp_path / "empty.md").write_text("# Changelog\n")
    code, _, told = desk.release("--changelog", str(tmp_path / "empty.md"))
    assert (code, told) == (2, "buildkit: CHANGELOG.md has no section 0.1.0; add one: ## 0.1.0\n")
    code, _, told = desk.release(version="0.1.0-rc1")
    assert code == 2
    assert 'base.version "0.1.0-rc1" cannot be released' in told
