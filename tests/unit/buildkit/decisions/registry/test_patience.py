"""When to ask again."""

from datetime import UTC, datetime

import pytest

from buildkit.decisions.registry import patience

NOW = datetime(2026, 11, 22, 12, 0, 0, tzinfo=UTC)


def test_pauses_grow_and_end_at_the_longest():
    for failed in range(1, 40):
        most = min(patience.LONGEST_SECONDS, patience.FIRST_SECONDS * 2 ** (failed - 1))
        assert most / 2 <= patience.pause(failed) <= most


def test_pauses_differ_so_that_clients_do_not_come_back_together():
    assert len({patience.pause(5) for _ in range(20)}) > 10


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("7", 7),
        ("0", 0),
        ("Sun, 22 Nov 2026 12:00:30 GMT", 30),
        ("Sunday, 22-Nov-26 12:00:30 GMT", 30),
        ("Sun, 22 Nov 2026 11:00:00 GMT", 0),
    ],
)
def test_what_the_registry_asks_for_wins(header, seconds):
    found = patience.pause(1, retry_after=header, now=NOW)
    assert seconds <= found <= seconds + min(1, seconds * 0.1)


@pytest.mark.parametrize("header", ["soon", "-3", "1.5", "Sun, 99 Nov 2026", "²"])
def test_what_cannot_be_read_is_as_if_nothing_was_said(header):
    assert patience.pause(1, retry_after=header, now=NOW) <= patience.FIRST_SECONDS


def test_a_broken_registry_gets_fewer_tries_than_a_busy_one():
    assert patience.tries(500, retry_after="") < patience.tries(503, retry_after="")
    assert patience.tries(429, retry_after="1") > 1000
