"""What the fleet's bench says of its runs."""

import json

import pytest

from tests.bench_fleet import report
from tests.bench_fleet.measuring import Run


def test_a_rate_has_the_median_of_all_runs_and_the_most_requests():
    row = report.rate(
        "rebase",
        [Run(10, 1000, 6000), Run(5, 1000, 6500), Run(8, 1000, 6000)],
        at_least=100,
        most_requests=8,
    )
    assert row.median == 125
    assert row.requests == 6.5
    assert row.met


@pytest.mark.parametrize(
    ("seconds", "requests", "met"), [(9.9, 8000, True), (10.1, 8000, False), (5, 8001, False)]
)
def test_a_rate_meets_its_target_only_with_both(seconds, requests, met):
    row = report.rate("rebase", [Run(seconds, 1000, requests)], at_least=100, most_requests=8)
    assert row.met is met


def test_seconds_must_be_below_their_target():
    assert report.seconds("status", [Run(0.9, 10)], at_most=1).met
    assert not report.seconds("status", [Run(1.0, 10)], at_most=1).met


def test_the_table_names_what_is_not_met_and_json_has_everything():
    rows = [
        report.seconds("status", [Run(2, 10)], at_most=1),
        report.rate("rebase", [Run(1, 200, 1200)], at_least=100, most_requests=8),
    ]
    head, status, rebase = report.table(rows).splitlines()
    assert "requests an image" in head
    assert "< 1 s" in status
    assert status.endswith("NOT met")
    assert "200 images/s" in rebase
    assert ">= 100 images/s, <= 8 requests  met" in rebase
    assert [row["met"] for row in json.loads(report.as_json(rows, facts={}))["rows"]] == [False, True]
