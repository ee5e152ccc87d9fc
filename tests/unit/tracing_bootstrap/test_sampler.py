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
    answers = {made.decide(trace_id, parent_sampled=parent, parent_remote=remote) for remote in (True, False)}
    (answer,) = answers
    return answer


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
    assert made.root(HIGH) is root
    assert decide(made, parent=None) is root
    assert decide(made, parent=True) is below_sampled
    assert decide(made, parent=False) is below_dropped


def test_a_ratio_looks_at_the_last_64_bits_of_the_trace_id():
    made = make("traceidratio", "0.5")
    assert made.root(LOW)
    assert not made.root(HIGH)
    assert made.root("f" * 16 + "7" + "f" * 15)
    assert not made.root("0" * 16 + "8" + "0" * 15)


def test_a_ratio_alone_ignores_the_parent_and_a_parent_based_one_follows_it():
    assert not decide(make("traceidratio", "0.5"), parent=True)
    assert decide(make("parentbased_traceidratio", "0.5"), parent=True)
    assert not decide(make("parentbased_traceidratio", "0.5"), parent=False, trace_id=LOW)
    assert decide(make("parentbased_traceidratio", "0.5"), parent=None, trace_id=LOW)


def test_the_ratios_at_the_ends_keep_nothing_and_everything():
    assert not make("traceidratio", "0").root(LOW)
    assert make("traceidratio", "1").root(HIGH)
    assert make("traceidratio").root(HIGH)


@given(st.integers(1, 2**128 - 1), st.floats(0, 1), st.floats(0, 1))
def test_a_larger_share_keeps_all_that_a_smaller_one_keeps(number, one, other):
    smaller, larger = sorted((one, other))
    trace_id = f"{number:032x}"
    if make("traceidratio", repr(smaller)).root(trace_id):
        assert make("traceidratio", repr(larger)).root(trace_id)


def test_descriptions_are_those_of_the_specification():
    assert make("always_on").description == "AlwaysOnSampler"
    assert make("always_off").description == "AlwaysOffSampler"
    assert make("traceidratio", "0.25").description == "TraceIdRatioBased{0.25}"
    assert make().description == (
        "ParentBased{root:AlwaysOnSampler,"
        "remoteParentSampled:AlwaysOnSampler,remoteParentNotSampled:AlwaysOffSampler,"
        "localParentSampled:AlwaysOnSampler,localParentNotSampled:AlwaysOffSampler}"
    )
