from pathlib import Path

import pytest

from buildkit.decisions import changelog, versions_file
from buildkit.values.errors import MissingFile

ROOT = Path(__file__).parents[4]
TEXT = """# Changelog

Prose.

## 1.4.0 (2026-11-22)

- Breaking: one.
- Non-breaking: two.

## [1.3.10]

- Non-breaking: three.

## 1.3.1

## v1.3.0
- Non-breaking: four.
"""


def test_a_section_is_what_stands_between_two_headings():
    assert changelog.notes(TEXT, version="1.4.0") == "- Breaking: one.\n- Non-breaking: two."
    assert changelog.notes(TEXT, version="1.3.10") == "- Non-breaking: three."
    assert changelog.notes(TEXT, version="1.3.0") == "- Non-breaking: four."


@pytest.mark.parametrize(
    ("version", "said"), [("2.0.0", "has no section 2.0.0"), ("1.3.1", "says nothing about 1.3.1")]
)
def test_a_version_without_notes_is_refused(version, said):
    with pytest.raises(MissingFile, match=said):
        changelog.notes(TEXT, version=version)


def test_a_changelog_without_any_version_is_refused():
    with pytest.raises(MissingFile, match="has no section"):
        changelog.notes("# Changelog\n", version="1.0.0")


def test_a_breaking_change_is_told_by_its_first_word():
    assert changelog.breaks("- Breaking: gone.")
    assert not changelog.breaks("- Non-breaking: Breaking news.")


def test_this_repositorys_changelog_has_a_section_for_its_own_version():
    version = versions_file.parse((ROOT / "images" / "versions.toml").read_text()).base
    assert changelog.notes((ROOT / "CHANGELOG.md").read_text(), version=version)
