from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from buildkit.decisions.waves import assign
from buildkit.values.fleet import Amount, ServiceEntry, Waves
from buildkit.values.oci import Reference


def entries(count, **more):
    return [
        ServiceEntry(f"s{number}", Reference("registry.test", f"s{number}"), **more)
        for number in range(count)
    ]


def sizes(numbers):
    return [count for _, count in sorted(Counter(numbers.values()).items())]


def test_one_canary_then_a_twentieth_then_a_quarter_then_all():
    assert sizes(assign(entries(1000), sizes=Waves())) == [1, 49, 200, 750]


def test_small_fleets_have_growing_waves_too():
    assert sizes(assign(entries(8), sizes=Waves())) == [1, 1, 1, 5]
    assert sizes(assign(entries(1), sizes=Waves())) == [1]
    assert assign([], sizes=Waves()) == {}


def test_a_wave_that_a_service_names_is_its_wave():
    services = [*entries(4), ServiceEntry("late", Reference("r", "late"), wave=9)]
    numbers = assign(services, sizes=Waves((Amount(2),)))
    assert numbers == {"s0": 1, "s1": 1, "s2": 9, "s3": 9, "late": 9}


def test_the_most_critical_go_last():
    services = [ServiceEntry("pay", Reference("r", "pay"), tier=1), *entries(2)]
    numbers = assign(services, sizes=Waves((Amount(1), Amount(2))))
    assert numbers == {"s0": 1, "s1": 2, "pay": 3}


@given(
    st.lists(st.tuples(st.none() | st.integers(1, 6), st.integers(1, 9)), max_size=40),
    st.lists(st.builds(Amount, st.integers(0, 100).map(float), percent=st.booleans()), max_size=4),
)
def test_everybody_is_in_exactly_one_wave_and_the_named_in_theirs(services, amounts):
    listed = [
        ServiceEntry(f"s{number}", Reference("r", f"s{number}"), wave=wave, tier=tier)
        for number, (wave, tier) in enumerate(services)
    ]
    numbers = assign(listed, sizes=Waves(tuple(amounts)))
    assert set(numbers) == {entry.name for entry in listed}
    assert all(number >= 1 for number in numbers.values())
    assert all(numbers[entry.name] == entry.wave for entry in listed if entry.wave)
    assert numbers == assign(listed, sizes=Waves(tuple(amounts)))
    free = [entry for entry in listed if entry.wave is None]
    for one in free:
        for other in free:
            assert one.tier <= other.tier or numbers[one.name] <= numbers[other.name]
