"""What does the changelog say of one version?"""

from __future__ import annotations

import re

from buildkit.values.errors import MissingFile

_HEADING = re.compile(r"^## +\[?v?(?P<version>\d+\.\d+\.\d+)\]?(?P<rest>.*)$", re.MULTILINE)


def notes(text: str, *, version: str) -> str:
    """The section of a version, without its heading.

    Args:
        text: the changelog, with a heading `## X.Y.Z` over each version.
        version: X.Y.Z.

    Raises:
        MissingFile: it has no such section, or an empty one.
    """
    headings = list(_HEADING.finditer(text))
    for heading, after in zip(headings, [*headings[1:], None], strict=False):
        if heading["version"] == version:
            section = text[heading.end() : after.start() if after else len(text)].strip()
            if section:
                return section
            raise MissingFile(
                f"CHANGELOG.md says nothing about {version}", hint="write a line for each change"
            )
    raise MissingFile(f"CHANGELOG.md has no section {version}", hint=f"add one: ## {version}")


def breaks(section: str) -> bool:
    """Whether a version's notes say of a change that a service can notice: its line begins with Breaking."""
    return any(re.match(r"[-*] +Breaking\b", line) for line in section.splitlines())
