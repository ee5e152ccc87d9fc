from tests.shapes import report
from tests.shapes.judging import Verdict
from tests.shapes.row import Row
from tests.shapes.running import Result, chosen

GREEN = Row("sync", app="x", command=("serve",), group="servers")
RED = Row("gevent", app="x", command="serve | cat", group="servers")
LEFT = Row("conda", app="x", command=("serve",), group="packaging", cannot="another interpreter")
RESULTS = [
    Result(GREEN, Verdict("6/6 server", "same"), 1.0),
    Result(RED, Verdict("5/6 server", "stdout", ("one reason", "another")), 2.0),
]


def test_the_page_has_a_line_for_each_group_and_each_row_and_no_times():
    page = report.page(RESULTS, cannot=[LEFT])
    assert "**1 of 2 green**, 1 cannot be run." in page
    assert "| [servers](#servers) | 1/2 | red: gevent |" in page
    assert "| [packaging](#packaging) | 0/0 | cannot be run: conda |" in page
    assert "| sync | 6/6 server | same |" in page
    assert "| gevent | 5/6 server | **stdout, red** |" in page
    assert "cannot be run: another interpreter" in page
    again = [Result(result.row, result.verdict, 99.0) for result in RESULTS]
    assert report.page(again, cannot=[LEFT]) == page


def test_a_red_row_is_explained_with_its_command_and_all_reasons():
    assert report.explain(RESULTS[1]) == "$ serve | cat\none reason\n\nanother"


def test_rows_are_chosen_by_a_part_of_group_and_name():
    rows = (GREEN, RED, LEFT)
    assert chosen(rows, ["servers/"]) == (GREEN, RED)
    assert chosen(rows, ["gev", "packaging"]) == (RED, LEFT)
    assert chosen(rows) == rows
