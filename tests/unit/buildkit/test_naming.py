import pytest

from buildkit.decisions import naming
from buildkit.values.errors import BadSetting
from buildkit.values.settings import Settings


def test_the_default_image_has_its_version_and_latest():
    assert naming.tags(Settings(), version="0.1.0") == (
        "company/python-service:0.1.0",
        "company/python-service:latest",
    )


def test_company_and_registry_make_the_name_and_a_tag_stands_alone():
    settings = Settings(company="acme", registry="registry.acme.example:5000/team", tag="next")
    assert naming.tags(settings, version="1.0") == (
        "registry.acme.example:5000/team/acme/python-service:next",
    )


def test_labels_carry_the_company_the_version_and_the_contract():
    contract = {"python": "3.13", "soabi": "cpython-313", "libc": "glibc-2.41"}
    labels = naming.labels(
        Settings(company="acme"), version="1.0", contract=contract, revision=2, created="2026-11-22T12:00:00Z"
    )
    assert labels == {
        "com.acme.base.created": "2026-11-22T12:00:00Z",
        "com.acme.base.libc": "glibc-2.41",
        "com.acme.base.python": "3.13",
        "com.acme.base.revision": "2",
        "com.acme.base.soabi": "cpython-313",
        "com.acme.base.version": "1.0",
    }


def test_a_build_that_is_no_release_has_revision_zero_and_no_date():
    labels = naming.labels(Settings(), version="1.0", contract={})
    assert labels == {"com.company.base.revision": "0", "com.company.base.version": "1.0"}


def test_a_baked_in_certificate_is_visible_as_a_label():
    labels = naming.labels(Settings(trust_ca=True), version="1.0", contract={})
    assert labels["com.company.base.trusts-ca"] == "true"


def test_generic_facts_are_annotations_and_never_labels():
    annotations = naming.annotations(Settings(), version="1.0", upstream="python:3.13")
    assert annotations["org.opencontainers.image.base.name"] == "python:3.13"
    labels = naming.labels(Settings(), version="1.0", contract={})
    assert not any(key.startswith("org.opencontainers") for key in labels)


@pytest.mark.parametrize(
    ("settings", "variable"),
    [
        (Settings(company="Acme Inc"), "COMPANY"),
        (Settings(company=""), "COMPANY"),
        (Settings(registry="https://registry.example"), "REGISTRY"),
        (Settings(tag="a/b"), "TAG"),
        (Settings(trust_ca=True), "TRUST_CA"),
        (Settings(collector="otel-collector:4318"), "COLLECTOR"),
        (Settings(collector="http://"), "COLLECTOR"),
        (Settings(collector="http://a b"), "COLLECTOR"),
        (Settings(collector="http://[half"), "COLLECTOR"),
    ],
)
def test_a_setting_that_cannot_be_used_is_named(settings, variable):
    with pytest.raises(BadSetting, match=f"^{variable}=") as caught:
        naming.check(settings)
    assert caught.value.exit_code == 2
