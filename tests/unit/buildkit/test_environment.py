from pathlib import Path

from buildkit.edges.environment import cache_directory, docker_directory, proxy, settings
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


def test_dockers_directory_is_the_named_one_else_in_our_home():
    assert docker_directory({"DOCKER_CONFIG": "/d", "HOME": "/h"}) == Path("/d")
    assert docker_directory({"HOME": "/h"}) == Path("/h/.docker")
    assert docker_directory({}) == Path("/.docker")


def test_the_proxy_is_the_one_for_the_scheme():
    env = {"HTTPS_PROXY": "http://p.example:1", "http_proxy": "q.example:2"}
    assert proxy("r.example", secure=True, environment=env) == "http://p.example:1"
    assert proxy("r.example", secure=False, environment=env) == "http://q.example:2"
    assert proxy("r.example", secure=True, environment={}) == ""


def test_no_proxy_stands_before_this_machine_and_what_is_spared():
    env = {"HTTP_PROXY": "http://p.example:1", "NO_PROXY": "other, .corp.example:443,r.example"}
    for host in ("localhost:5000", "127.0.0.1:1", "r.example:5000", "a.b.corp.example", "sub.r.example"):
        assert proxy(host, secure=False, environment=env) == "", host
    for host in ("rr.example", "corp.example.org"):
        assert proxy(host, secure=False, environment=env) == "http://p.example:1", host
    assert proxy("x", secure=False, environment={**env, "no_proxy": "*"}) == ""


def test_copies_are_kept_where_the_desktop_standard_says():
    home = {"HOME": "/home/me"}
    assert cache_directory(home) == Path("/home/me/.cache/buildkit")
    assert cache_directory(home | {"XDG_CACHE_HOME": "/cache"}) == Path("/cache/buildkit")
    assert cache_directory(home | {"XDG_CACHE_HOME": "cache"}) == Path("/home/me/.cache/buildkit")
    assert cache_directory({}) is None
