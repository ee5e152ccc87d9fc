"""How rows look."""

import json

import pytest

from tests.bench import report
from tests.bench.figures import Added, Row


def row(**changes):
    values = {
        "name": "in-process, server span",
        "unit": "us",
        "bare": 78.04,
        "ours": Added(10.0, 9.0, 11.0),
        "peer": Added(250.0, 240.0, 260.0),
        "control": Added(-0.2, -1.0, 1.0),
        "share": 0.04,
        "share_bound": 0.045,
        "target": 1 / 20,
        "target_is_share": True,
    }
    return Row(**{**values, **changes})


def test_a_line_holds_medians_quartiles_share_and_verdict():
    line = report.table([row()]).splitlines()[1]
    cells = line.split("  ")
    assert [cell.strip() for cell in cells if cell.strip()] == [
        "in-process, server span",
        "78.0 us",
        "+10.0 (9.0 .. 11.0)",
        "+250.0 (240.0 .. 260.0)",
        "-0.2 (-1.0 .. 1.0)",
        "1/25.0 (95%: 1/22.2)",
        "<= 1/20",
        "met",
    ]


def test_a_missed_target_is_shouted():
    assert report.table([row(share=0.06)]).endswith("NOT met")


def test_a_peer_that_adds_nothing_leaves_no_share():
    line = report.table([row(peer=Added(-4.9), target=3, target_is_share=False)]).splitlines()[1]
    assert "1/" not in line
    assert "<= 3 us" in line


@pytest.mark.parametrize(("share", "text"), [(0.05, "1/20.0"), (0.0, "0"), (-0.1, "0"), (2.0, "2.0")])
def test_shares_are_written_as_fractions(share, text):
    assert report.ratio(share) == text


def test_json_carries_every_figure_and_the_verdict():
    shown = json.loads(report.as_json([row()], facts={"cores": 2}))
    assert shown["facts"] == {"cores": 2}
    assert shown["rows"][0]["met"] is True
    assert shown["rows"][0]["ours"] == {"median": 10.0, "low": 9.0, "high": 11.0}
