import io

from buildkit.decisions.verdict import verdict
from buildkit.edges import report
from tests.unit.buildkit.evidence import good


def shown(*evidence, encoding="utf-8"):
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding=encoding)
    report.show([verdict(one) for one in evidence], evidence, stream=stream)
    stream.flush()
    return raw.getvalue().decode(encoding)


def test_a_good_run_shows_traces_checks_and_a_verdict():
    text = shown(good())
    assert "GET / -> 200  trace 00000000000000000000000000000001" in text
    assert "└─ service GET" in text
    assert "PASS: 13 passed" in text.splitlines()[-1]
    assert "Why" not in text


def test_without_a_terminal_there_are_no_colours_and_120_columns():
    text = shown(good(), good(spans=()))
    assert "\x1b" not in text
    assert max(map(len, text.splitlines())) <= report.WIDTH


def test_a_failure_shows_cause_what_to_do_and_the_last_lines():
    text = shown(good(spans=(), log="[bold]its own markup[/bold]\n"))
    assert "Why service (some/service:1) fails" in text
    assert "cause: the base is there" in text
    assert "to do: look inside" in text
    assert "[bold]its own markup[/bold]" in text
    assert text.splitlines()[-1].startswith("FAIL: ")


def test_what_is_not_proven_says_what_to_do():
    text = shown(good(calls=()))
    assert "Carries the trace on: not proven" in text
    assert "--call-env" in text


def test_several_services_stand_side_by_side():
    text = shown(good(name="a"), good(name="b", log="hello\n"))
    (head,) = [line for line in text.splitlines() if line.startswith("Check ")]
    assert head.split() == ["Check", "a", "b", "Seen"]


def test_an_output_without_unicode_gets_none():
    text = shown(good(), encoding="ascii")
    assert "`- service GET" in text


def test_a_closed_output_is_no_trouble(monkeypatch):
    monkeypatch.setattr(report.sys, "stdout", None)
    report.show([verdict(good())], [good()], stream=None)
