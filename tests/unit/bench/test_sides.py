"""How requests are dealt to the sides."""

from collections import Counter

from tests.bench.sides import SIDES, in_turn, slices


def test_every_side_comes_first_equally_often():
    assert Counter(in_turn(number)[0].name for number in range(8)) == {side.name: 2 for side in SIDES}


def test_all_sides_get_the_same_number_of_requests():
    dealt = Counter()
    for side, few in slices(1, requests=512, slice_of=64):
        dealt[side.name] += few
    assert dealt == {side.name: 512 for side in SIDES}


def test_no_side_waits_for_another_ones_whole_round():
    names = [side.name for side, _ in slices(0, requests=128, slice_of=64)]
    assert sorted(names[:4]) == sorted(names[4:]) == sorted(side.name for side in SIDES)
