import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracing_bootstrap import settings
from tracing_bootstrap.recorder import sampler

LOW = "f" * 16 + "0" * 16
HIGH = "0" * 16 + "f" * 16


def make(name=None, arg=None):
    environ = {"OTEL_TRACES_SAMPLER": name, "OTEL_TRACES_SAMPLER_ARG": arg}
    return sampler.make(settings.read({key: value for key, value in environ.items() if value}))


def decide(made, *, parent, trace_id=HIGH):
    if parent is None:
        return made.root(trace_id) is not None
    return made.decide(trace_id, parent_sampled=parent)


def keeps(made, trace_id):
    return decide(made, parent=None, trace_id=trace_id)


@pytest.mark.parametrize(
    ("name", "root", "below_sampled", "below_dropped"),
    [
        (None, True, True, False),
        ("always_on", True, True, True),
        ("always_off", False, False, False),
        ("parentbased_always_on", True, True, False),
        ("parentbased_always_off", False, True, False),
    ],
)
def test_a_sampler_decides_as_the_specification_says(name, root, below_sampled, below_dropped):
    made = make(name)
    assert keeps(made, HIGH) is root
    assert decide(made, parent=None) is root
    assert decide(made, parent=True) is below_sampled
    assert decide(made, parent=False) is below_dropped


def test_a_ratio_looks_at_the_last_64_bits_of_the_trace_id():
    made = make("traceidratio", "0.5")
    assert keeps(made, LOW)
    assert not keeps(made, HIGH)
    assert keeps(made, "f" * 16 + "7" + "f" * 15)
    assert not keeps(made, "0" * 16 + "8" + "0" * 15)


def test_a_ratio_alone_ignores_the_parent_and_a_parent_based_one_follows_it():
    assert not decide(make("traceidratio", "0.5"), parent=True)
    assert decide(make("parentbased_traceidratio", "0.5"), parent=True)
    assert not decide(make("parentbased_traceidratio", "0.5"), parent=False, trace_id=LOW)
    assert decide(make("parentbased_traceidratio", "0.5"), parent=None, trace_id=LOW)


def test_the_ratios_at_the_ends_keep_nothing_and_everything():
    assert not keeps(make("traceidratio", "0"), LOW)
    assert keeps(make("traceidratio", "1"), HIGH)
    assert keeps(make("traceidratio"), HIGH)


@given(st.integers(1, 2**128 - 1), st.floats(0, 1), st.floats(0, 1))
def test_a_larger_share_keeps_all_that_a_smaller_one_keeps(number, one, other):
    smaller, larger = sorted((one, other))
    trace_id = f"{number:032x}"
    if keeps(make("traceidratio", repr(smaller)), trace_id):
        assert keeps(make("traceidratio", repr(larger)), trace_id)


def test_descriptions_are_those_of_the_specification():
    assert make("always_on").description == "AlwaysOnSampler"
    assert make("always_off").description == "AlwaysOffSampler"
    assert make("traceidratio", "0.25").description == "TraceIdRatioBased{0.25}"
    assert make().description == (
        "ParentBased{root:AlwaysOnSampler,"
        "remoteParentSampled:AlwaysOnSampler,remoteParentNotSampled:AlwaysOffSampler,"
        "localParentSampled:AlwaysOnSampler,localParentNotSampled:AlwaysOffSampler}"
    )


class Clock:
    """Stands for the clock: a second takes no second."""

    def __init__(self):
        self.ns = 0

    def __call__(self):
        return self.ns


@pytest.fixture
def clock(monkeypatch):
    made = Clock()
    monkeypatch.setattr(sampler.clock, "now", made)
    return made


def begin(limited, clock, *, per_second, seconds, chance):
    """Let traces begin evenly; return the probabilities of those that were kept."""
    kept = []
    for _ in range(int(per_second * seconds)):
        clock.ns += int(1e9 / per_second)
        state = limited.root(f"{chance.getrandbits(128):032x}")
        if state is not None:
            kept.append(probability_of(state))
    return kept


def probability_of(state):
    threshold = int(state.removeprefix("ot=th:").ljust(14, "0"), 16)
    return (2**56 - threshold) / 2**56


@pytest.mark.parametrize("per_second", [1, 9, 50, 5000])
def test_a_rate_limit_is_met_and_counts_scale_up(clock, per_second):
    limited, chance = make("parentbased_ratelimited", "10"), random.Random(per_second)
    begin(limited, clock, per_second=per_second, seconds=20, chance=chance)
    kept = begin(limited, clock, per_second=per_second, seconds=100, chance=chance)
    assert len(kept) / 100 == pytest.approx(min(per_second, 10), rel=0.15)
    assert sum(1 / probability for probability in kept) == pytest.approx(per_second * 100, rel=0.15)


def test_counts_scale_up_also_while_the_rate_changes(clock):
    limited, chance = make("parentbased_ratelimited", "20"), random.Random(1)
    kept = []
    for per_second in (10, 2000, 100, 3000, 5):
        kept += begin(limited, clock, per_second=per_second, seconds=20, chance=chance)
    assert sum(1 / probability for probability in kept) == pytest.approx(
        (10 + 2000 + 100 + 3000 + 5) * 20, rel=0.1
    )


def test_after_a_pause_what_begins_first_is_kept_whole(clock):
    limited, chance = make("parentbased_ratelimited", "5"), random.Random(2)
    begin(limited, clock, per_second=1000, seconds=5, chance=chance)
    clock.ns += 3600 * 10**9
    assert begin(limited, clock, per_second=1000, seconds=0.01, chance=chance) == [1.0] * 10
    assert len(begin(limited, clock, per_second=100_000, seconds=1, chance=chance)) < 200


def test_the_rate_limited_sampler_follows_a_parent():
    limited = make("parentbased_ratelimited", "0.001")
    assert all(decide(limited, parent=True, trace_id=LOW) for _ in range(100))
    assert not decide(limited, parent=False)
    assert limited.description.startswith("ParentBased{root:RateLimited{0.001/s},")


def test_a_limit_below_one_a_second_keeps_some_all_the_same(clock):
    limited, chance = make("parentbased_ratelimited", "0.1"), random.Random(3)
    kept = begin(limited, clock, per_second=100, seconds=1000, chance=chance)
    assert 50 < len(kept) < 200
