"""The bench runs: what is only run by hand stops working without anybody's noticing."""

import json
import subprocess
import sys

import pytest

from buildkit.verbs.build import ROOT


@pytest.mark.usefixtures("base_image")
def test_the_bench_measures_every_row_and_loses_no_span():
    done = subprocess.run(
        [sys.executable, "-m", "tests.bench", "--quick", "--json"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    shown = json.loads(done.stdout)
    assert [row["name"] for row in shown["rows"] if row["target"] is not None] == [
        "in-process, server span",
        "in-process, server + requests span",
        "in-process, bare WSGI",
        "in-process, bare ASGI under uvicorn",
        "in-process, FastAPI under uvicorn",
        "in-process, server span, unsampled",
        "in-process, server + requests span, unsampled",
        "in-process, bare WSGI, unsampled",
        "in-process, bare ASGI under uvicorn, unsampled",
        "in-process, FastAPI under uvicorn, unsampled",
        "end to end, server span",
        "end to end, server + requests span",
        "python -c pass, best of 2",
        "Flask boot, best of 2",
        "worker's memory (USS)",
    ]
    # Far from what it should be, and even so true on a busy machine.
    assert all(row["ours"]["median"] < row["peer"]["median"] for row in shown["rows"][:5])
