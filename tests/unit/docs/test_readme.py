"""What the README says that code says as well."""

import re
from pathlib import Path

from tracing_bootstrap import settings
from tracing_bootstrap.settings.table import TABLE

ROOT = Path(__file__).parents[3]
README = (ROOT / "README.md").read_text()
MAKEFILE = (ROOT / "Makefile").read_text()


def test_every_variable_of_a_service_stands_in_the_readme_with_its_default_and_meaning():
    for variable in TABLE:
        row = (
            f"| `{variable.names[-1]}` | {settings.shown(variable, variable.default)} | {variable.meaning} |"
        )
        assert row in README.splitlines()


def test_every_make_target_and_setting_of_the_readme_exists():
    targets = set(re.findall(r"^([a-z0-9-]+):.*## ", MAKEFILE, re.MULTILINE))
    assert set(re.findall(r"`make ([a-z0-9-]+)", README)) <= targets
    declared = set(re.findall(r"^([A-Z_]+) \?=", MAKEFILE, re.MULTILINE))
    told = README.partition("Of the build")[2].partition("Of a service")[0]
    assert set(re.findall(r"`([A-Z_]+)`", told)) == declared


def test_every_link_leads_to_a_file():
    for link in re.findall(r"\]\(([^)#]+)\)", README):
        assert (ROOT / link).exists(), link
