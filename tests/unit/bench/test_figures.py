"""What the rounds say: paired differences, the share and its bound, the target."""

import pytest

from tests.bench import figures


def rounds(*, ours, peer=100.0, noise=(0.0, 40.0, 5.0, 0.0)):
    """Rounds in which the machine's noise hits all sides alike."""
    return {
        "bare": [50 + extra for extra in noise],
        "control": [50 + extra for extra in noise],
        "ours": [50 + extra + ours for extra in noise],
        "peer": [50 + extra + peer for extra in noise],
    }


def test_noise_that_hits_a_whole_round_cancels_out():
    row = figures.rounds_row("row", rounds(ours=4.0), unit="us")
    assert row.ours.median == row.ours.low == row.ours.high == pytest.approx(4.0)
    assert row.control.median == 0


def test_the_share_is_what_ours_adds_of_what_the_peer_adds():
    row = figures.rounds_row("row", rounds(ours=4.0), unit="us", target=1 / 20, target_is_share=True)
    assert row.share == pytest.approx(1 / 25)
    assert row.share_bound == pytest.approx(1 / 25)
    assert row.met is True


def test_a_share_above_the_target_is_not_met():
    row = figures.rounds_row("row", rounds(ours=6.0), unit="us", target=1 / 20, target_is_share=True)
    assert row.met is False


def test_the_bound_of_scattered_rounds_lies_above_their_share():
    ours = [2.0, 3.0, 4.0, 5.0, 20.0, 3.5, 2.5, 9.0]
    assert figures.bound(ours, [100.0] * 8) > 3.75 / 100


def test_the_bound_is_the_same_each_time():
    ours, peer = [2.0, 3.0, 9.0, 4.0], [90.0, 110.0, 100.0, 95.0]
    assert figures.bound(ours, peer) == figures.bound(ours, peer)


def test_a_row_without_a_target_is_neither_met_nor_missed():
    assert figures.rounds_row("row", rounds(ours=4.0), unit="us").met is None


def test_a_single_figure_is_compared_in_the_rows_unit():
    values = {"bare": 20e6, "control": 20e6, "ours": 22e6, "peer": 45e6}
    row = figures.single_row("memory", values, unit="MB", scale=1e6, target=3)
    assert (row.bare, row.ours.median, row.ours.low) == (20, 2, None)
    assert row.met is True


def test_rounds_of_unequal_number_are_refused():
    unequal = {**rounds(ours=1.0), "ours": [1.0]}
    with pytest.raises(ValueError, match="argument"):
        figures.rounds_row("row", unequal, unit="us")
