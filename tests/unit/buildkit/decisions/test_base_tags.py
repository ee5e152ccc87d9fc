from hypothesis import given
from hypothesis import strategies as st

from buildkit.decisions import base_tags, base_version
from buildkit.values.base_version import BaseVersion

small = st.integers(min_value=0, max_value=4)
pythons = st.sampled_from(["3.9", "3.10", "3.13"])
versions = st.builds(BaseVersion, small, small, small, st.integers(1, 4), pythons)


def release(text, *, current=None, default="3.13", force=False):
    found = base_tags.moves(
        base_version.parse(text),
        default_python=default,
        current={tag: base_version.find(at) for tag, at in (current or {}).items()},
        force=force,
    )
    return {move.tag: move for move in found}


def test_the_default_python_has_the_tags_without_a_python_as_well():
    version = base_version.parse("1.4.0-r2-py3.13")
    assert base_tags.rolling(version, default_python="3.13") == (
        "1.4-py3.13",
        "1-py3.13",
        "py3.13",
        "1",
        "latest",
    )
    assert base_tags.rolling(version, default_python="3.14") == ("1.4-py3.13", "1-py3.13", "py3.13")


def test_a_first_release_sets_all_its_tags():
    assert all(move.moves and move.why == "new" for move in release("1.4.0-r1-py3.13").values())


def test_a_release_of_an_older_line_moves_only_the_tags_of_its_line():
    newer = "1.4.0-r1-py3.13"
    current = {
        "1.3-py3.13": "1.3.5-r1-py3.13",
        "1-py3.13": newer,
        "py3.13": newer,
        "1": newer,
        "latest": newer,
    }
    moves = release("1.3.6-r1-py3.13", current=current)
    assert [tag for tag, move in moves.items() if move.moves] == ["1.3-py3.13"]
    assert moves["latest"].why == "stays on the newer 1.4.0-r1-py3.13"


def test_only_force_takes_a_tag_back():
    current = {"latest": "1.4.1-r1-py3.13"}
    assert not release("1.4.0-r9-py3.13", current=current)["latest"].moves
    forced = release("1.4.0-r9-py3.13", current=current, force=True)["latest"]
    assert forced.moves
    assert forced.why == "forced back from 1.4.1-r1-py3.13"


def test_a_tag_that_is_there_already_is_left_alone():
    assert (
        release("1.4.0-r1-py3.13", current={"py3.13": "1.4.0-r1-py3.13"})["py3.13"].why == "is there already"
    )


def test_a_tag_on_an_image_without_a_version_moves_on():
    assert release("1.4.0-r1-py3.13", current={"latest": "what?"})["latest"].moves


@given(st.lists(versions, min_size=1, max_size=12), pythons)
def test_whatever_is_released_in_whatever_order_no_rolling_tag_ever_goes_backwards(released, default):
    current = {}
    for version in released:
        for move in base_tags.moves(version, default_python=default, current=current):
            if move.moves:
                assert move.tag not in current or version > current[move.tag]
                current[move.tag] = version
    for tag, at in current.items():
        followed = [one for one in released if tag in base_tags.rolling(one, default_python=default)]
        assert at == max(followed)
