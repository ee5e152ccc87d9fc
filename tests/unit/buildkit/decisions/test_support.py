import datetime as dt
from pathlib import Path

import pytest

from buildkit.decisions import base_version, support, versions_file
from buildkit.values.errors import BadVersionsFile
from buildkit.values.support import Phase

IMAGES = Path(__file__).parents[4] / "images"
RULES = """
days = 100
warn_days = 30
[line]
"1" = 2026-12-31
"1.4" = 2027-06-30
[python]
"3.11" = 2027-02-01
"""


def judge(version, *, today, released="2026-01-01T12:00:00+00:00", rules=RULES):
    return support.support(
        base_version.parse(version),
        released=dt.datetime.fromisoformat(released),
        rules=support.parse(rules),
        today=dt.date.fromisoformat(today),
    )


def test_the_rules_of_this_repository_name_the_end_of_every_python_that_it_builds():
    rules = support.parse((IMAGES / "support.toml").read_text())
    rows = versions_file.parse((IMAGES / "versions.toml").read_text()).rows
    assert set(rules.pythons) == set(rows)


def test_a_version_without_a_line_of_its_own_ends_some_days_after_its_release():
    found = judge("2.0.0-r1-py3.13", today="2026-02-01")
    assert (found.until.isoformat(), found.phase, found.warning) == ("2026-04-11", Phase.SUPPORTED, "")


def test_the_narrowest_line_is_the_one():
    assert judge("1.4.2-r1-py3.13", today="2026-02-01").until.isoformat() == "2027-06-30"
    assert judge("1.3.0-r1-py3.13", today="2026-02-01").until.isoformat() == "2026-12-31"


def test_no_base_outlives_its_python():
    found = judge("1.4.2-r1-py3.11", today="2027-01-20")
    assert found.until.isoformat() == "2027-02-01"
    assert found.warning == "support ends in 12 days, on 2027-02-01 (the end of Python 3.11)"


@pytest.mark.parametrize(
    ("today", "phase", "warning"),
    [
        ("2026-11-30", Phase.SUPPORTED, ""),
        ("2026-12-01", Phase.ENDING, "support ends in 30 days, on 2026-12-31 (the end of 1)"),
        ("2026-12-31", Phase.ENDING, "support ends today, on 2026-12-31 (the end of 1)"),
        ("2027-01-01", Phase.ENDED, "unsupported since 2026-12-31 (the end of 1)"),
    ],
)
def test_an_end_is_warned_of_before_it_comes_and_named_after_it(today, phase, warning):
    found = judge("1.3.0-r1-py3.13", today=today)
    assert (found.phase, found.warning) == (phase, warning)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("days = ", "not TOML"),
        ("warn_days = 3", "days must be a number"),
        ("days = true\nwarn_days = 3", "days must be a number"),
        ("days = 3\nwarn_days = -1", "warn_days must be a number"),
        ('days = 3\nwarn_days = 1\nline = "1"', "line must be a table"),
        ('days = 3\nwarn_days = 1\n[line]\n"1.4" = "soon"', 'line."1.4" = soon is no end'),
        ("days = 3\nwarn_days = 1\n[line]\nx = 2027-01-01", 'line."x"'),
        ('days = 3\nwarn_days = 1\n[python]\n"3.11" = 2027-01-01T00:00:00Z', 'python."3.11"'),
        ("days = 3\nwarn_days = 1\nlines = 1", "unknown key lines"),
    ],
)
def test_bad_rules_are_named(text, said):
    with pytest.raises(BadVersionsFile, match=said):
        support.parse(text)
