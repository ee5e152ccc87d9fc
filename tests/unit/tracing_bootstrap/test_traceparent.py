"""W3C Trace Context level 2, section 3.2."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracing_bootstrap.propagation import traceparent

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
SPAN = "00f067aa0ba902b7"


def test_a_valid_header_is_read():
    assert traceparent.parse(f"00-{TRACE}-{SPAN}-01") == (TRACE, SPAN, 1)


def test_the_random_flag_travels_on_and_unknown_flags_do_not():
    assert traceparent.parse(f"00-{TRACE}-{SPAN}-ff") == (TRACE, SPAN, 3)


def test_a_later_version_is_read_as_ours_with_or_without_more_fields():
    assert traceparent.parse(f"cc-{TRACE}-{SPAN}-01") == (TRACE, SPAN, 1)
    assert traceparent.parse(f"cc-{TRACE}-{SPAN}-01-what-the-future") == (TRACE, SPAN, 1)


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        f"ff-{TRACE}-{SPAN}-01",
        f"00-{TRACE}-{SPAN}-01-more",
        f"cc-{TRACE}-{SPAN}-01.more",
        f"00-{'0' * 32}-{SPAN}-01",
        f"00-{TRACE}-{'0' * 16}-01",
        f"00-{TRACE.upper()}-{SPAN}-01",
        f"00-{TRACE[:-1]}-{SPAN}-01",
        f"00-{TRACE}-{SPAN}-1",
        f"0-{TRACE}-{SPAN}-01",
        f"00-{TRACE}-{SPAN}-01\n",
        f"00-{TRACE}-{SPAN}-01,00-{TRACE}-{SPAN}-01",
        "00-" + "\u0661" * 32 + f"-{SPAN}-01",
        f"00-{TRACE}-{SPAN}-0\u00b2",
        "00-" + "a" * 10_000_000,
    ],
    ids=lambda header: repr(header)[:40],
)
def test_an_invalid_header_starts_a_new_trace(header):
    assert traceparent.parse(header) is None


@given(st.text())
def test_no_text_makes_it_raise(text):
    assert traceparent.parse(text) is None or len(text) >= 55


@given(
    st.integers(1, 2**128 - 1).map("{:032x}".format),
    st.integers(1, 2**64 - 1).map("{:016x}".format),
    st.integers(0, 3),
)
def test_what_is_written_is_read_back(trace_id, span_id, flags):
    assert traceparent.parse(traceparent.format_header(trace_id, span_id, flags)) == (
        trace_id,
        span_id,
        flags,
    )
