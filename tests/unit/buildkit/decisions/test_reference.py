"""What a text names, as `docker pull` has it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from buildkit.decisions.reference import is_loopback, parse
from buildkit.values.errors import BadReference
from buildkit.values.oci import Reference

DIGEST = f"sha256:{'a' * 64}"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("localhost:5000/a/b:c", Reference("localhost:5000", "a/b", "c")),
        ("localhost/a", Reference("localhost", "a", "latest")),
        ("127.0.0.1:5000/a", Reference("127.0.0.1:5000", "a", "latest")),
        ("[::1]:5000/a", Reference("[::1]:5000", "a", "latest")),
        ("registry.example/a__b/c-d.e:v1_2", Reference("registry.example", "a__b/c-d.e", "v1_2")),
        (f"r.example/a@{DIGEST}", Reference("r.example", "a", "", DIGEST)),
        (f"r.example/a:t@{DIGEST}", Reference("r.example", "a", "t", DIGEST)),
        ("python", Reference("docker.io", "library/python", "latest")),
        ("docker.io/python", Reference("docker.io", "library/python", "latest")),
        ("index.docker.io/acme/shop:1", Reference("docker.io", "acme/shop", "1")),
        ("acme/shop", Reference("docker.io", "acme/shop", "latest")),
    ],
)
def test_a_name_is_read_as_docker_reads_it(text, expected):
    assert parse(text) == expected


def test_a_name_without_a_host_is_in_the_default_registry_and_below_its_path():
    assert parse("shop", default_registry="r.example:5000") == Reference("r.example:5000", "shop", "latest")
    assert str(parse("acme/shop:1", default_registry="r.example/team/")) == "r.example/team/acme/shop:1"
    assert parse("other.example/shop", default_registry="r.example").registry == "other.example"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "names no image"),
        ("https://r.example/a", "no host"),
        ("r.example/Acme/Shop", "names are in lower case"),
        ("r.example/a:", "cannot be a tag"),
        ("r.example/a:b c", "cannot be a tag"),
        ("r.example/a@sha256:abc", "is no digest"),
        ("r.example/a@", "is no digest"),
        ("r.example/", "names no image"),
        ("r.example/a//b", "names no image"),
        ("r.example/a b", "names no image"),
        ("r.example/a\n", "names no image"),
        ("-r.example/a", "no host"),
        (f"r.example/{'a' * 256}", "longer than 255"),
    ],
)
def test_what_names_no_image_is_refused_in_one_line(text, words):
    with pytest.raises(BadReference, match=words) as caught:
        parse(text)
    assert "\n" not in str(caught.value)
    assert caught.value.exit_code == 2


@given(st.text(max_size=80))
def test_any_text_is_a_reference_or_refused(text):
    try:
        found = parse(text, default_registry="r.example")
    except BadReference:
        return
    assert parse(str(found)) == found


@pytest.mark.parametrize("host", ["localhost", "localhost:5000", "127.0.0.1:5000", "127.9.9.9", "[::1]:80"])
def test_this_machine_is_known(host):
    assert is_loopback(host)


@pytest.mark.parametrize(
    "host", ["localhost.example", "128.0.0.1", "127.example", "r.example:5000", "1127.0.0.1"]
)
def test_other_machines_are_not_taken_for_this_one(host):
    assert not is_loopback(host)
