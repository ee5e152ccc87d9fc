from pathlib import Path

import pytest

from buildkit.decisions import versions_file
from buildkit.values.errors import BadVersionsFile, UnknownPython

REAL = (Path(__file__).parents[3] / "images" / "versions.toml").read_text()


def test_the_repositorys_own_file_parses_and_its_default_is_a_row_of_it():
    versions = versions_file.parse(REAL)
    assert versions_file.choose(versions).python == versions.default_python == "3.13"
    assert versions.rows["3.13"].upstream == "python:3.13-slim-trixie"
    assert versions.rows["3.14"].apt_options == ('Acquire::Check-Valid-Until "false"',)


def test_an_unknown_python_is_refused_with_the_known_ones_in_order():
    with pytest.raises(UnknownPython, match=r'no Python "2.7".*3.11, 3.13, 3.14') as caught:
        versions_file.choose(versions_file.parse(REAL), python="2.7")
    assert caught.value.exit_code == 2


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("[base]", "[base", "is not TOML"),
        ('version = "0.1.0"', "version = 1", "version must be a str, found 1"),
        ("[bootstrap]", "[elsewhere]", "bootstrap must be a dict, found nothing"),
        ('python = "3.13"', 'python = "3.12"', 'no row for its default Python "3.12"'),
        ('[python."3.11"]', '[python."three"]', '"three" is no Python version'),
        ('suite = "bookworm"', "", "suite must be a str, found nothing"),
        ('"ca-certificates", ', "1, ", "packages must be a list of strings"),
    ],
)
def test_a_bad_file_is_told_in_one_line_with_what_is_wrong(old, new, words):
    assert old in REAL
    with pytest.raises(BadVersionsFile) as caught:
        versions_file.parse(REAL.replace(old, new))
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)
    assert caught.value.exit_code == 2
