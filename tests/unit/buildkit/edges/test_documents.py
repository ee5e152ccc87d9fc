"""What is kept of answers that no digest names."""

import os
import time

import pytest

from buildkit.edges.documents import Documents


@pytest.fixture
def asked():
    return []


@pytest.fixture
def ask(tmp_path, asked):
    def question(*, seconds=300, answer="yes", directory=tmp_path, registry=None):
        def really():
            asked.append(answer)
            return answer

        return Documents(registry, directory=directory).recent("q", seconds=seconds, ask=really)

    return question


def age(directory, seconds):
    for path in directory.rglob("*"):
        if path.is_file():
            os.utime(path, (time.time() - seconds, time.time() - seconds))


def test_a_recent_answer_is_not_asked_for_again(ask, asked):
    assert (ask(answer=""), ask(answer="other")) == ("", "")
    assert asked == [""]


@pytest.mark.parametrize("seconds", [301, -3600])
def test_an_old_answer_and_one_from_the_future_are_asked_anew(ask, tmp_path, seconds):
    ask(answer="old")
    age(tmp_path, seconds)
    assert ask(answer="new") == "new"
    assert ask(answer="newer") == "new"


def test_what_is_forgotten_is_asked_anew(ask, tmp_path):
    ask(answer="old")
    Documents(None, directory=tmp_path).forget("q")
    Documents(None, directory=tmp_path).forget("never asked")
    assert ask(answer="new") == "new"


def test_without_a_directory_everything_is_asked(ask, asked):
    ask(directory=None)
    ask(directory=None)
    assert len(asked) == 2


def test_a_directory_that_cannot_be_written_costs_time_only(ask, tmp_path, asked):
    (tmp_path / "file").write_text("")
    for _ in "12":
        assert ask(directory=tmp_path / "file") == "yes"
    assert len(asked) == 2


def test_a_failed_question_is_not_kept(tmp_path, ask):
    def fail():
        raise RuntimeError("no")

    with pytest.raises(RuntimeError):
        Documents(None, directory=tmp_path).recent("q", seconds=300, ask=fail)
    assert ask() == "yes"
