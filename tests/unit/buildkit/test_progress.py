import io

import pytest

from buildkit.edges.progress import step


class Terminal(io.StringIO):
    def isatty(self):
        return True


def test_without_a_terminal_a_step_is_one_line_with_its_seconds():
    out = io.StringIO()
    with step("build", stream=out) as tell:
        tell("detail")
    assert out.getvalue() == "  build: 0.0 s\n"


def test_on_a_terminal_the_line_lives():
    out = Terminal()
    with step("build", stream=out) as tell:
        tell("detail")
    assert "build ..." in out.getvalue()
    assert "build: detail (0 s)" in out.getvalue()
    assert out.getvalue().endswith("\n")


def test_a_step_that_fails_says_so_and_lets_the_error_through():
    out = io.StringIO()
    with pytest.raises(ValueError, match="x"), step("build", stream=out):
        raise ValueError("x")
    assert out.getvalue() == "  build: failed after 0.0 s\n"
