import io

from buildkit.edges import status_report
from tests.unit.buildkit.decisions.test_status_rows import ROWS


def test_a_terminal_shows_the_services_their_remarks_and_a_summary():
    out = io.StringIO()
    status_report.show(ROWS, problems=["base 1.3.0-r1-py3.13 cannot be read"], stream=out)
    text = out.getvalue()
    assert text.splitlines()[0].split() == ["Service", "Stands", "On", "base", "Behind", "Remarks"]
    assert "2 releases, 40 days" in text
    assert "its final stage is something else" in text
    assert text.splitlines()[-2] == "base 1.3.0-r1-py3.13 cannot be read"
    assert text.splitlines()[-1].startswith("6 services: 1 current")


def test_names_in_brackets_are_no_markup():
    out = io.StringIO()
    status_report.show(ROWS[3:4], problems=["[red]x[/red]"], stream=out)
    assert "[red]x[/red]" in out.getvalue()
