"""Each shape is traced, connected, and otherwise untouched."""

import os

import pytest

from buildkit.values.errors import BuildkitError
from tests.shapes import report, running
from tests.shapes.stage import Stage
from tests.shapes.table import GROUPS, ROWS

EVERY = 10


def parameters():
    return [*_parameters()]


def _chosen():
    """All rows, or with SHAPES=some every tenth of each group: for a pipeline that has no time for all."""
    if os.environ.get("SHAPES") != "some":
        return ROWS
    groups = [[row for row in ROWS if row.group == group] for group in GROUPS]
    return [row for group in groups for row in group[::EVERY]]


def _parameters():
    for row in _chosen():
        marks = [pytest.mark.slow] if row.slow else []
        marks += [pytest.mark.skip(reason=row.cannot)] if row.cannot else []
        yield pytest.param(row, id=running.full_name(row), marks=marks)


@pytest.fixture(scope="session")
def result(request):
    """What became of a row: several run at a time, while the tests look at them one by one."""
    rows = [item.callspec.params["row"] for item in request.session.items if "result" in item.fixturenames]
    if hasattr(request.config, "workerinput"):
        rows = []  # one of several pytest-xdist workers: it runs what it is given when it is given it
    try:
        with Stage() as stage, running.Runner(stage) as runner:
            futures = {running.full_name(row): runner.start(row) for row in rows if not row.cannot}
            yield lambda row: (futures.get(running.full_name(row)) or runner.start(row)).result()
    except BuildkitError as error:
        pytest.fail(str(error))


@pytest.mark.docker
@pytest.mark.parametrize("row", parameters())
def test_a_shape_is_traced_and_otherwise_untouched(result, row):
    found = result(row)
    if not found.verdict.green:
        pytest.fail(report.explain(found), pytrace=False)
