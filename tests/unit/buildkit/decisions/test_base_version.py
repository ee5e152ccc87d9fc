import pytest
from hypothesis import given
from hypothesis import strategies as st

from buildkit.decisions import base_version
from buildkit.values.base_version import BaseVersion
from buildkit.values.errors import BadVersionsFile, Misuse

small = st.integers(min_value=0, max_value=30)
versions = st.builds(BaseVersion, small, small, small, small, st.integers(8, 20).map("3.{}".format))


@given(versions)
def test_a_version_survives_being_written_and_read(version):
    assert base_version.parse(str(version)) == version
    assert base_version.find(str(version)) == version


@given(versions, versions)
def test_versions_have_one_order_and_equal_ones_are_the_same(one, other):
    assert (one < other) + (other < one) + (one == other) == 1
    if one.triple != other.triple:
        assert (one < other) == (one.triple < other.triple)
    if one.python == other.python and one.triple == other.triple:
        assert (one < other) == (one.revision < other.revision)


def test_numbers_are_compared_as_numbers():
    texts = ("1.9.0-r1-py3.9", "1.9.0-r1-py3.10", "1.10.0-r2-py3.9", "1.10.0-r10-py3.9", "2.0.0-r1-py3.9")
    found = [base_version.parse(text) for text in texts]
    assert sorted(set(found)) == found


def test_a_rebuild_for_an_older_python_is_not_newer():
    assert base_version.parse("1.4.0-r3-py3.13") < base_version.parse("1.4.0-r1-py3.14")


@pytest.mark.parametrize(
    "text",
    [
        "latest",
        "py3.13",
        "1.4-py3.13",
        "1.4.0",
        "1.4.0-py3.13",
        "01.4.0-r1-py3.13",
        "1.4.0-r1-py3.13\n",
        "1.4.0-r\u0661-py3.13",
        "",
    ],
)
def test_rolling_tags_and_other_texts_are_no_versions(text):
    assert base_version.find(text) is None
    with pytest.raises(Misuse, match=r"1\.4\.0-r2-py3\.13"):
        base_version.parse(text)


def test_the_labels_of_a_service_name_the_release_below_it():
    labels = {
        "com.acme.base.version": "1.4.0",
        "com.acme.base.revision": "2",
        "com.acme.base.python": "3.13",
    }
    assert base_version.of_labels(labels, company="acme") == BaseVersion(1, 4, 0, 2, "3.13")
    assert base_version.of_labels(labels, company="other") is None


def test_a_build_that_was_not_released_has_revision_zero():
    labels = {"com.acme.base.version": "1.4.0", "com.acme.base.python": "3.13"}
    assert base_version.of_labels(labels, company="acme") == BaseVersion(1, 4, 0, 0, "3.13")


def test_a_row_is_released_only_under_a_plain_version():
    assert base_version.of_row("0.1.0", python="3.13", revision=4) == BaseVersion(0, 1, 0, 4, "3.13")
    with pytest.raises(BadVersionsFile, match=r'"1\.0\.0-rc1" cannot be released'):
        base_version.of_row("1.0.0-rc1", python="3.13", revision=1)


def test_releases_are_found_among_tags_the_newest_first():
    tags = ("latest", "1.4.0-r1-py3.13", "py3.13", "1.4.0-r2-py3.13", "sha256-abc", "1.10.0-r1-py3.13")
    assert [str(version) for version in base_version.released(tags)] == [
        "1.10.0-r1-py3.13",
        "1.4.0-r2-py3.13",
        "1.4.0-r1-py3.13",
    ]
