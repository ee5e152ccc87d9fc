import pytest

from buildkit.decisions.git_source import parse, redacted
from buildkit.values.blueprint import GitSource
from buildkit.values.errors import BadSource


@pytest.mark.parametrize(
    ("text", "source"),
    [
        ("https://git.acme.com/shop.git", GitSource("https://git.acme.com/shop.git")),
        ("https://git.acme.com/shop#v1.2", GitSource("https://git.acme.com/shop", "v1.2")),
        ("ssh://git@a.com/b.git#main:services/shop/", GitSource("ssh://git@a.com/b.git", "main", "services/shop")),
        ("git@acme.com:a/b.git#:api", GitSource("git@acme.com:a/b.git", "", "api")),
        ("file:///srv/git/shop#0123abc", GitSource("file:///srv/git/shop", "0123abc")),
    ],
)  # fmt: skip
def test_a_git_url_names_a_repository_a_ref_and_a_directory(text, source):
    assert parse(text) == source


@pytest.mark.parametrize("text", ["services/shop", "/srv/shop", ".", "a:b", "C:/shop"])
def test_anything_else_is_a_directory(text):
    assert parse(text) is None


@pytest.mark.parametrize(
    "text",
    ["ftp://a/b", "ext::sh -c x://y", "https://", "https://a/b#--upload-pack=x", "https://a/b#main:../etc"],
)
def test_what_we_do_not_fetch_is_refused(text):
    with pytest.raises(BadSource):
        parse(text)


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://user:secret@a.com/b.git#main:x", "https://a.com/b.git#main:x"),
        ("https://secret@a.com/b.git", "https://a.com/b.git"),
        ("ssh://git@a.com/b", "ssh://git@a.com/b"),
        ("ssh://git:secret@a.com/b", "ssh://git@a.com/b"),
        ("git@a.com:b", "git@a.com:b"),
    ],
)
def test_credentials_in_a_url_are_never_shown(url, shown):
    assert redacted(url) == shown
