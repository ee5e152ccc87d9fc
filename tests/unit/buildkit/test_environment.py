from pathlib import Path

from buildkit.edges.environment import settings
from buildkit.values.settings import Settings


def test_an_empty_environment_gives_the_defaults():
    assert settings({"CA_BUNDLE": "none", "COMPANY": "", "PYTHON": ""}) == Settings()


def test_each_variable_reaches_its_setting(tmp_path):
    bundle = tmp_path / "ca.pem"
    assert settings(
        {
            "COMPANY": "acme",
            "REGISTRY": "r.example",
            "PYTHON": "3.11",
            "COLLECTOR": "https://c.example",
            "CA_BUNDLE": str(bundle),
            "TRUST_CA": "1",
            "TAG": "next",
            "UPSTREAM": "u",
        }
    ) == Settings(
        company="acme",
        registry="r.example",
        python="3.11",
        collector="https://c.example",
        ca_bundle=bundle,
        trust_ca=True,
        tag="next",
        upstream="u",
    )


def test_the_bundle_that_pip_is_told_to_use_is_the_default(tmp_path):
    bundle = tmp_path / "ca.pem"
    bundle.write_text("x")
    assert settings({"PIP_CERT": str(bundle)}).ca_bundle == bundle


def test_a_bundle_that_is_named_but_not_there_is_kept_so_that_it_can_be_refused():
    assert settings({"CA_BUNDLE": "/nonesuch"}).ca_bundle == Path("/nonesuch")


def test_zero_is_no():
    assert not settings({"TRUST_CA": "0"}).trust_ca
