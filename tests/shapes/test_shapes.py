"""Each shape is traced, connected, and otherwise untouched."""

import pytest

from buildkit.values.errors import BuildkitError
from tests.shapes import report, running
from tests.shapes.stage import Stage
from tests.shapes.table import ROWS


def parameters():
    return [*_parameters()]


def _parameters():
    for row in ROWS:
        marks = [pytest.mark.slow] if row.slow else []
        marks += [pytest.mark.skip(reason=row.cannot)] if row.cannot else []
        yield pytest.param(row, id=running.full_name(row), marks=marks)


@pytest.fixture(scope="session")
def results(request):
    """A future for each chosen row's result: several run at a time, while the tests look at them one by one."""
    rows = [item.callspec.params["row"] for item in request.session.items if "results" in item.fixturenames]
    try:
        with Stage() as stage, running.Runner(stage) as runner:
            yield {running.full_name(row): runner.start(row) for row in rows if not row.cannot}
    except BuildkitError as error:
        pytest.fail(str(error))


@pytest.mark.docker
@pytest.mark.parametrize("row", parameters())
def test_a_shape_is_traced_and_otherwise_untouched(results, row):
    result = results[running.full_name(row)].result()
    if not result.verdict.green:
        pytest.fail(report.explain(result), pytrace=False)
