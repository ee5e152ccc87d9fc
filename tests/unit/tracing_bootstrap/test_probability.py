import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracing_bootstrap.propagation import probability, tracestate

TRACE = "4bf92f3577b34da6a3" + "80000000000000"


@pytest.mark.parametrize(
    ("share", "written"),
    [
        (1.0, "0"),
        (0.5, "8"),
        (0.25, "c"),
        (0.1, "e666"),
        (0.01, "fd70a"),
        (1 / 3, "aaaa"),
        (2**-56, "ffffffffffffff"),
        (1e-30, "ffffffffffffff"),
        (0.9999999999, "0"),
    ],
)
def test_thresholds_are_written_without_their_last_zeros(share, written):
    assert probability.threshold(share) == written


@given(st.floats(2**-40, 1))
def test_a_threshold_stands_for_its_probability(share):
    written = int(probability.threshold(share).ljust(14, "0"), 16)
    assert (2**56 - written) / 2**56 == pytest.approx(share, rel=0.001, abs=2**-15)


@pytest.mark.parametrize(
    ("state", "sampled", "anew", "left"),
    [
        # The trace's randomness is 8, followed by zeros.
        ("ot=th:8", True, False, "ot=th:8"),
        ("ot=th:80", True, False, "ot=th:80"),
        ("ot=th:c", False, False, "ot=th:c"),
        ("ot=th:81", True, False, ""),
        ("ot=th:81;rv:90000000000000", True, False, "ot=th:81;rv:90000000000000"),
        ("ot=th:81;rv:80000000000000", True, False, "ot=rv:80000000000000"),
        ("ot=th:81;rv:9", True, False, "ot=rv:9"),
        ("ot=th:;rv:90000000000000", True, False, "ot=rv:90000000000000"),
        ("ot=th:xyz", True, False, ""),
        ("ot=th:123456789abcdef", True, False, ""),
        ("ot=th:0", True, True, ""),
        ("vendor=1,ot=p:8;th:f,other=2", True, False, "ot=p:8,vendor=1,other=2"),
        ("vendor=th:1", True, True, "vendor=th:1"),
        ("ot=p:8", True, True, "ot=p:8"),
    ],
)
def test_a_threshold_that_is_not_the_traces_is_taken_out(state, sampled, anew, left):
    assert probability.checked(state, TRACE, sampled=sampled, decided_anew=anew) == left


@given(st.text("ot=h:rv;,0123456789abcdef", max_size=60), st.booleans(), st.booleans())
def test_a_clean_tracestate_stays_one(text, sampled, anew):
    clean = tracestate.clean(text)
    left = probability.checked(clean, TRACE, sampled=sampled, decided_anew=anew)
    assert tracestate.clean(left) == left
