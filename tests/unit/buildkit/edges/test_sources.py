import subprocess

import pytest

from buildkit.edges import sources
from buildkit.values.errors import BadSource


def git(place, *words):
    identity = ("-c", "user.name=a", "-c", "user.email=a@b")
    done = subprocess.run(("git", "-C", place, *identity, *words), check=True, capture_output=True, text=True)
    return done.stdout.strip()


@pytest.fixture
def repository(tmp_path):
    """A repository with two commits, a tag on the first, and a directory."""
    place = tmp_path / "repository"
    (place / "services" / "shop").mkdir(parents=True)
    (place / "services" / "shop" / "Dockerfile").write_text("FROM a\n")
    git(tmp_path, "init", "--quiet", "--initial-branch=main", str(place))
    git(place, "add", ".")
    git(place, "commit", "--quiet", "-m", "first")
    git(place, "tag", "v1")
    (place / "services" / "shop" / "Dockerfile").write_text("FROM b\n")
    git(place, "commit", "--quiet", "-am", "second")
    return place


@pytest.mark.parametrize(("ref", "text"), [("", "FROM b\n"), ("#main", "FROM b\n"), ("#v1", "FROM a\n")])
def test_a_branch_or_a_tag_is_checked_out_and_gone_afterwards(repository, tmp_path, ref, text):
    with sources.opened(f"file://{repository}{ref or '#'}:services/shop", directory=tmp_path) as checkout:
        assert (checkout.context / "Dockerfile").read_text() == text
        assert checkout.commit == git(repository, "rev-parse", ref[1:] or "HEAD")
    assert not checkout.context.exists()


def test_a_commit_is_checked_out_by_its_hash(repository, tmp_path):
    git(repository, "config", "uploadpack.allowAnySHA1InWant", "true")
    first = git(repository, "rev-parse", "v1")
    with sources.opened(f"file://{repository}#{first}", directory=tmp_path) as checkout:
        assert checkout.commit == first


@pytest.mark.parametrize(
    ("rest", "said"),
    [
        ("#no-such", "fetching no-such of file://"),
        ("#main:nowhere", "has no directory 'nowhere'"),
        ("-gone", "-gone"),
    ],
)
def test_what_is_not_there_is_said_in_one_line(repository, tmp_path, rest, said):
    with (
        pytest.raises(BadSource, match=said) as caught,
        sources.opened(f"file://{repository}{rest}", directory=tmp_path),
    ):
        pass
    assert "\n" not in str(caught.value)


def test_a_directory_is_used_as_it_is_and_its_commit_is_told(repository, tmp_path):
    with sources.opened("repository/services/shop", directory=tmp_path) as checkout:
        assert checkout.context == repository / "services" / "shop"
        assert checkout.commit == git(repository, "rev-parse", "HEAD")
    (repository / "services" / "shop" / "new.py").touch()
    with sources.opened(str(repository / "services" / "shop"), directory=tmp_path) as checkout:
        assert checkout.commit.endswith("-dirty")


def test_a_directory_need_not_be_of_a_repository(tmp_path):
    with sources.opened(".", directory=tmp_path) as checkout:
        assert (checkout.context, checkout.commit) == (tmp_path, "")


def test_a_directory_that_is_not_there_is_no_source(tmp_path):
    with pytest.raises(BadSource, match="no source at"), sources.opened("gone", directory=tmp_path):
        pass
