"""The fleet's bench runs: what is only run by hand stops working without anybody's noticing."""

import json
import subprocess
import sys

from buildkit.verbs.build import ROOT


def test_the_bench_measures_every_row_and_the_requests_are_what_was_promised():
    done = subprocess.run(
        [sys.executable, "-m", "tests.bench_fleet", "--services", "12", "--rounds", "1", "--json"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    rows = json.loads(done.stdout)["rows"]
    assert [row["unit"] for row in rows] == ["s", "s", "images/s", "images/s"]
    assert [row["requests"] for row in rows] == [None, None, 6, 8]
