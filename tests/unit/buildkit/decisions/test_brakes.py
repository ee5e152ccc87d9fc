import pytest

from buildkit.decisions import brakes
from buildkit.values.fleet import Amount, Brakes


@pytest.mark.parametrize(
    ("failed", "size", "stops"), [(0, 1, False), (1, 1, True), (1, 4, True), (1, 5, False), (2, 5, True)]
)
def test_more_failures_than_a_fifth_of_a_wave_stop_it(failed, size, stops):
    why = brakes.failures([f"s{number}" for number in range(failed)], size=size, brakes=Brakes())
    assert (why is not None) is stops


def test_a_brake_names_the_services_and_what_to_do():
    why = brakes.failures({"b", "a"}, size=9, brakes=Brakes(failures=Amount(1)))
    assert why.text == "2 of 9 services failed (a, b), 1 are borne"
    assert "rollout --resume" in why.hint


@pytest.mark.parametrize(
    ("before", "after", "stops"),
    [(None, 0.1, False), (0.9, None, False), (0.9, 0.85, False), (0.9, 0.8, True), (0.5, 0.9, False)],
)
def test_coverage_may_fall_by_five_points(before, after, stops):
    assert (brakes.coverage(before, after=after, brakes=Brakes(coverage_drop=5.01)) is not None) is stops


def test_without_a_limit_time_is_never_over():
    assert brakes.out_of_time(10**9, brakes=Brakes()) is None
    assert brakes.out_of_time(59, brakes=Brakes(minutes=1)) is None
    assert brakes.out_of_time(60, brakes=Brakes(minutes=1)).text == "the time budget of 1 minutes is used up"


def test_shares_are_of_services_that_can_be_compared():
    assert brakes.proven_share([]) == (None, None)
    assert brakes.proven_share([(True, True), (True, False)]) == (1.0, 0.5)
