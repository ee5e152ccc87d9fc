"""What a fleet's policy of signatures and bills of materials does in a rollout, with the real cosign."""

import dataclasses

import pytest

from buildkit import cli
from buildkit.decisions.supply import provenance, sbom
from buildkit.edges import rollout_scene
from buildkit.edges.supply import cosign
from buildkit.values.oci import Reference
from tests.fleet.image_making import AMD64, Maker
from tests.fleet.rolling import NoEngine, Rolling, ScriptedVerifier

OLD, NEW = "1.4.0-r1-py3.13", "1.5.0-r1-py3.13"


@pytest.fixture
def rolling(registry, unique, tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    maker = Maker(registry, base=f"{unique}/python-service")
    maker.release(OLD, platforms=(AMD64,))
    maker.release(NEW, platforms=(AMD64,), created="2026-02-01T00:00:00Z")
    rolling = Rolling(tmp_path, maker=maker, prefix=unique)
    rolling.service("shop", on=OLD)
    monkeypatch.setattr(rollout_scene, "Engine", NoEngine)
    log = str(tmp_path / "verdicts")
    monkeypatch.setattr(
        rollout_scene,
        "CompanyVerifier",
        lambda *_args, **_kwargs: ScriptedVerifier(log=log, originals=rolling.originals),
    )
    return rolling


def image(rolling, name, tag="latest"):
    """An image by the digest that its tag stands for."""
    repository = f"{rolling.prefix}/{name}"
    found = rolling.registry.head(repository, tag)
    return Reference(rolling.registry.host, repository, digest=found.digest)


def rollout(rolling):
    return cli.main(["rollout", "--fleet", str(rolling.directory / "fleet.toml")])


def policy(rolling, keys, *, signatures):
    rolling.settings(
        f'[policy]\nsignatures = "{signatures}"\nkey = "{keys.private}"\npublic_key = "{keys.public}"'
    )


def test_where_signatures_are_required_a_promoted_image_is_signed(rolling, keys):
    cosign.sign(image(rolling, "python-service", NEW), key=keys.private)
    policy(rolling, keys, signatures="required")
    assert rollout(rolling) == 0
    shop = image(rolling, "shop")
    assert shop.digest != rolling.originals["shop"]
    assert cosign.refusal(shop, key=keys.public) == ""
    for kind in (sbom.MEDIA_TYPE, provenance.MEDIA_TYPE):
        assert rolling.registry.referrers(shop.repository, shop.digest, artifact_type=kind)


def test_nothing_is_put_onto_a_base_that_is_not_signed(rolling, keys, capsys):
    policy(rolling, keys, signatures="required")
    assert rollout(rolling) == 1
    assert rolling.tags() == rolling.originals
    said = capsys.readouterr().err
    assert "python-service@sha256:" in said
    assert "is not signed with" in said


def test_a_required_signature_without_a_key_to_check_it_is_refused_at_once(rolling, keys, capsys):
    policy(rolling, dataclasses.replace(keys, private="", public=""), signatures="required")
    assert rollout(rolling) == 1
    assert rolling.tags() == rolling.originals
    assert "there is no public key to check them with" in capsys.readouterr().err


def test_without_keys_a_promoted_image_has_its_sbom_and_provenance(rolling):
    assert rollout(rolling) == 0
    shop = image(rolling, "shop")
    for kind in (sbom.MEDIA_TYPE, provenance.MEDIA_TYPE):
        assert rolling.registry.referrers(shop.repository, shop.digest, artifact_type=kind)


def test_a_policy_without_an_sbom_makes_none(rolling):
    rolling.settings('[policy]\nsbom = "off"\nsignatures = "off"')
    assert rollout(rolling) == 0
    shop = image(rolling, "shop")
    assert not rolling.registry.referrers(shop.repository, shop.digest, artifact_type=sbom.MEDIA_TYPE)
    assert rolling.registry.referrers(shop.repository, shop.digest, artifact_type=provenance.MEDIA_TYPE)
