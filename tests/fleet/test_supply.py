"""SBOM, provenance and signatures, in a real registry and with the real cosign."""

import json
import subprocess
import sys

import pytest

from buildkit.decisions.supply import provenance, sbom
from buildkit.decisions.supply.policy import Keys
from buildkit.edges import environment
from buildkit.edges.supply import attaching, cosign, vouching
from buildkit.values.errors import BadManifest, BadSignature
from buildkit.values.oci import Reference
from buildkit.values.package import Origin
from tests.fleet import images

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

STATUS = b"""\
Package: libc6
Status: install ok installed
Architecture: amd64
Source: glibc
Version: 2.41-12

Package: telnet
Status: deinstall ok config-files
Architecture: amd64
Version: 0.17
"""
RELEASE = b'ID=debian\nVERSION_ID="13"\n'
BASE = {"var/lib/dpkg/status": STATUS, "usr/lib/os-release": RELEASE}
FLASK = "opt/venv/lib/python3.13/site-packages/flask-3.1.3.dist-info/METADATA"
SERVICE = {
    FLASK: b"Metadata-Version: 2.4\nName: Flask\nVersion: 3.1.3\nLicense-Expression: BSD-3-Clause\n\nA text.\n"
}


@pytest.fixture
def cache(tmp_path):
    return tmp_path / "cache"


def attached(registry, image, kind):
    """What is attached to an image: the contents."""
    found = registry.referrers(image.repository, image.digest, artifact_type=kind)
    manifests = [registry.get(image.repository, each.digest) for each in found]
    return [json.loads(registry.blob(image.repository, each.layers[0].digest)) for each in manifests]


def named(document):
    return {component["name"]: component for component in document["components"]}


def test_an_sbom_names_what_is_installed_and_not_what_was_removed(registry, unique, cache):
    image = images.push(registry, unique, BASE, SERVICE)
    attaching.attach_sbom(registry, image, cache=cache)
    (document,) = attached(registry, image, sbom.MEDIA_TYPE)
    assert (document["bomFormat"], document["specVersion"]) == ("CycloneDX", "1.6")
    assert document["metadata"]["component"]["version"] == image.digest
    assert document["metadata"]["timestamp"].startswith("2026-01-01T00:00:00")
    found = named(document)
    assert set(found) == {"libc6", "Flask", "debian"}
    assert found["libc6"]["purl"] == "pkg:deb/debian/libc6@2.41-12?arch=amd64&distro=debian-13&upstream=glibc"
    assert found["Flask"]["purl"] == "pkg:pypi/flask@3.1.3"
    assert found["Flask"]["licenses"] == [
        {"license": {"acknowledgement": "declared", "id": "BSD-3-Clause"}}
    ] or found["Flask"]["licenses"] == [{"license": {"id": "BSD-3-Clause"}}]


def test_the_same_image_has_one_sbom_however_often_it_is_made(registry, unique, cache):
    image = images.push(registry, unique, BASE, SERVICE)
    first = attaching.attach_sbom(registry, image, cache=cache)
    assert attaching.attach_sbom(registry, image, cache=cache) == first
    assert len(attached(registry, image, sbom.MEDIA_TYPE)) == 1


@pytest.mark.parametrize(
    "whiteout",
    [
        "opt/venv/lib/python3.13/site-packages/.wh.flask-3.1.3.dist-info",
        "opt/venv/lib/python3.13/site-packages/flask-3.1.3.dist-info/.wh.METADATA",
        "opt/venv/lib/python3.13/site-packages/.wh..wh..opq",
        "opt/.wh.venv",
    ],
)
def test_what_a_later_layer_takes_away_is_not_there(registry, unique, cache, whiteout):
    image = images.push(registry, unique, BASE, SERVICE, {whiteout: b""})
    attaching.attach_sbom(registry, image, cache=cache)
    (document,) = attached(registry, image, sbom.MEDIA_TYPE)
    assert set(named(document)) == {"libc6", "debian"}


def test_an_opaque_directory_keeps_what_its_own_layer_puts_there(registry, unique, cache):
    site = "opt/venv/lib/python3.13/site-packages"
    new = f"{site}/httpx-0.28.dist-info/METADATA"
    image = images.push(
        registry, unique, BASE, SERVICE, {f"{site}/.wh..wh..opq": b"", new: b"Name: httpx\nVersion: 0.28\n\n"}
    )
    attaching.attach_sbom(registry, image, cache=cache)
    (document,) = attached(registry, image, sbom.MEDIA_TYPE)
    assert set(named(document)) == {"libc6", "debian", "httpx"}


@pytest.mark.parametrize("compress", [bytes, zstd.compress], ids=["plain", "zstd"])
def test_layers_may_be_compressed_otherwise(registry, unique, cache, compress):
    image = images.push(registry, unique, BASE, SERVICE, compress=compress)
    attaching.attach_sbom(registry, image, cache=cache)
    (document,) = attached(registry, image, sbom.MEDIA_TYPE)
    assert set(named(document)) == {"libc6", "Flask", "debian"}


def test_a_layer_that_is_no_archive_is_named(registry, unique, cache):
    image = images.push(registry, unique, BASE, compress=lambda _: b"this is no archive" * 100)
    with pytest.raises(BadManifest, match=f"the layer {unique}@sha256:.* cannot be unpacked"):
        attaching.attach_sbom(registry, image, cache=cache)


def test_each_platform_has_its_own_sbom(registry, unique, cache):
    parts = {
        architecture: images.push(registry, unique, BASE, architecture=architecture)
        for architecture in ("amd64", "arm64")
    }
    index = images.push_index(registry, unique, parts, tag="latest")
    attaching.attach_sbom(registry, index, cache=cache)
    for architecture, part in parts.items():
        (document,) = attached(registry, part, sbom.MEDIA_TYPE)
        assert f"arch={architecture}" in document["metadata"]["component"]["purl"]


def test_a_layer_is_read_once_for_all_images_that_have_it(registry, unique, cache):
    first = images.push(registry, unique, BASE, SERVICE)
    attaching.attach_sbom(registry, first, cache=cache)
    second = images.push(registry, unique, BASE, {"app/app.py": b"pass"}, SERVICE)
    before = registry.requests
    for image in attaching.images(registry, second):
        attaching.contents(registry, image, cache=cache)
    assert registry.requests - before == 3  # its manifest, its config, its one new layer


def test_the_real_base_has_what_its_own_tools_say(engine, registry, unique, cache):
    base = f"{environment.settings().company}/python-service:latest"
    name = f"{registry.host}/{unique}"
    engine.tag(base, name=f"{name}:latest")
    said = engine.client.images.push(name, tag="latest")
    assert "errorDetail" not in said, said
    (image,) = attaching.images(registry, Reference(registry.host, unique, tag="latest"))
    found = attaching.contents(registry, image, cache=cache).packages
    debian = engine.output(base, ["dpkg-query", "--show", "--showformat=${Package} ${Version}\\n"])
    python = json.loads(engine.output(base, ["pip", "list", "--format=json"]))
    assert {f"{each.name} {each.version}" for each in found if each.kind == "deb"} == set(debian.splitlines())
    assert {(each["name"], each["version"]) for each in python} <= {
        (each.name, each.version) for each in found
    }
    assert "opentelemetry-instrumentation" in {each.name for each in found}


def test_provenance_names_base_source_and_commit(registry, unique):
    image = images.push(registry, unique, BASE)
    origin = Origin(
        "rebuild",
        base="localhost:5000/company/python-service",
        base_digest="sha256:" + "1" * 64,
        source="git+https://example.com/shop.git",
        commit="2" * 40,
        builder="docker 26.1",
    )
    attaching.attach_provenance(registry, image, origin=origin)
    (statement,) = attached(registry, image, provenance.MEDIA_TYPE)
    assert statement["subject"] == [{"name": image.name, "digest": {"sha256": image.digest[7:]}}]
    assert statement["predicateType"] == "https://slsa.dev/provenance/v1"
    assert statement["predicate"]["buildDefinition"]["resolvedDependencies"] == [
        {"uri": "oci://localhost:5000/company/python-service", "digest": {"sha256": "1" * 64}},
        {"uri": "git+https://example.com/shop.git", "digest": {"gitCommit": "2" * 40}},
    ]
    assert statement["predicate"]["runDetails"]["builder"]["id"] == "docker 26.1"


def vouch(registry, image, *, keys, cache, required=True):
    vouching.vouch(
        registry,
        image,
        origin=Origin("rebase"),
        keys=keys,
        signatures_required=required,
        sbom=True,
        cache=cache,
    )


def test_an_image_that_was_vouched_for_is_signed(registry, unique, keys, cache):
    image = images.push(registry, unique, BASE)
    assert "no signatures found" in cosign.refusal(image, key=keys.public)
    vouch(registry, image, keys=keys, cache=cache)
    vouch(registry, image, keys=keys, cache=cache)
    assert cosign.refusal(image, key=keys.public) == ""
    vouching.check_signature(image, required=True, keys=keys)


def test_every_platform_of_a_signed_index_is_signed(registry, unique, keys, cache):
    parts = {
        architecture: images.push(registry, unique, BASE, architecture=architecture)
        for architecture in ("amd64", "arm64")
    }
    index = images.push_index(registry, unique, parts)
    vouch(registry, index, keys=keys, cache=cache)
    for image in (index, *parts.values()):
        assert cosign.refusal(image, key=keys.public) == ""


def test_a_signature_is_no_other_images_signature(registry, unique, keys, cache):
    vouch(registry, images.push(registry, unique, BASE), keys=keys, cache=cache)
    rebased = images.push(registry, unique, BASE, SERVICE)
    with pytest.raises(BadSignature, match=f"{rebased.digest} is not signed with .*cosign.pub"):
        vouching.check_signature(rebased, required=True, keys=keys)


def test_somebody_elses_signature_is_none(registry, unique, keys, cache, tmp_path):
    image = images.push(registry, unique, BASE)
    vouch(registry, image, keys=keys, cache=cache)
    other = tmp_path / "other"
    other.mkdir()
    subprocess.run(["cosign", "generate-key-pair"], cwd=other, check=True, capture_output=True)
    with pytest.raises(BadSignature, match="is not signed with"):
        vouching.check_signature(image, required=True, keys=Keys(public=str(other / "cosign.pub")))


def test_a_wrong_password_is_one_line_without_the_password(registry, unique, keys, cache, monkeypatch):
    monkeypatch.setenv("COSIGN_PASSWORD", "hunter2")
    image = images.push(registry, unique, BASE)
    with pytest.raises(BadSignature, match="cannot be signed") as refused:
        vouch(registry, image, keys=keys, cache=cache)
    assert "hunter2" not in str(refused.value)
    assert "\n" not in str(refused.value)


def test_without_cosign_a_required_signature_is_refused_before_anything_is_done(keys, monkeypatch):
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(BadSignature, match="there is no cosign here; install cosign"):
        vouching.check_policy(signatures_required=True, keys=keys)
    vouching.check_policy(signatures_required=False, keys=keys)


def test_a_required_signature_needs_a_public_key(keys):
    with pytest.raises(BadSignature, match="there is no public key"):
        vouching.check_policy(signatures_required=True, keys=Keys(private=keys.private))


def test_without_cosign_an_optional_signature_is_left_out(registry, unique, keys, cache, monkeypatch):
    monkeypatch.setenv("PATH", "/nowhere")
    image = images.push(registry, unique, BASE)
    vouch(registry, image, keys=keys, cache=cache, required=False)
    assert attaching.has_sbom(registry, image)
