import pytest

from buildkit.decisions.progress_lines import cause, step


def test_a_step_is_shown_without_its_mounts():
    line = "#8 [4/7] RUN --mount=type=secret,id=ca_bundle,target=/x     pip install   flask"
    assert step(line) == "[4/7] RUN pip install flask"


@pytest.mark.parametrize(
    "line", ["#8 DONE 3.9s", "#1 [internal] load build definition", "#8 2.4 Collecting x", ""]
)
def test_other_lines_are_no_steps(line):
    assert step(line) is None


def test_the_steps_own_error_is_the_cause_rather_than_the_builders_report():
    lines = (
        "#9 1.2 Collecting nonesuch",
        "#9 1.3 ERROR: No matching distribution found for nonesuch",
        "#9 1.4 [notice] a newer pip is there",
        "#9 ERROR: executor failed running [/bin/sh -c pip]: exit code: 1",
    )
    assert cause(lines) == "ERROR: No matching distribution found for nonesuch"


def test_without_an_error_the_steps_last_words_are_the_cause():
    assert cause(("#9 1.2 cannot go on", "#9 ERROR: executor failed")) == "cannot go on"


def test_without_a_step_the_builders_own_error_is_the_cause():
    assert cause(("#1 DONE 0.1s", "ERROR: failed to solve: no such image", "")) == (
        "ERROR: failed to solve: no such image"
    )


def test_nothing_said_is_no_cause():
    assert cause(()) == ""
