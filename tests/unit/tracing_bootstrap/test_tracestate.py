"""W3C Trace Context level 2, section 3.3."""

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracing_bootstrap.propagation import tracestate

KEY_FIRST = string.ascii_lowercase + string.digits
KEY_REST = KEY_FIRST + "_-*/@"
VALUE = "".join(chr(c) for c in range(0x21, 0x7F) if chr(c) not in ",=")

members = st.tuples(
    st.builds(str.__add__, st.sampled_from(KEY_FIRST), st.text(KEY_REST, max_size=40)),
    st.text(VALUE, min_size=1, max_size=40),
)


def test_leading_spaces_belong_to_a_value_and_trailing_ones_do_not():
    assert tracestate.clean("a=  1 2  ,b=3") == "a=  1 2,b=3"


def test_members_keep_their_order_and_lose_their_white_space():
    assert tracestate.clean(" rojo=1 ,\tcongo=t61rcWkgMzE,, ") == "rojo=1,congo=t61rcWkgMzE"


@pytest.mark.parametrize("key", ["0tenant@vendor", "tenant@", "a@b@c", "a@@c", "0", "t@" + "v" * 254])
def test_an_at_sign_may_stand_anywhere_but_in_front(key):
    assert tracestate.clean(f"{key}=1") == f"{key}=1"


def test_of_a_key_that_comes_twice_the_first_member_stays():
    assert tracestate.clean("a=1,b=2,a=3") == "a=1,b=2"


@pytest.mark.parametrize(
    "header",
    [
        "noequals",
        "UPPER=1",
        "key=",
        "=value",
        "a=b=c",
        "a b=1",
        "@vendor=1",
        "tenant@Vendor=1",
        "a" * 257 + "=1",
        "t@" + "v" * 255 + "=1",
        "a=" + "v" * 257,
        "a=caf\u00e9",
        "good=1,bad",
        ",".join(f"k{n}=1" for n in range(33)),
    ],
    ids=lambda header: header[:24],
)
def test_one_bad_member_makes_the_whole_header_invalid(header):
    assert tracestate.clean(header) == ""


def test_a_key_of_the_full_length_is_valid():
    header = "a" * 256 + "=1"
    assert tracestate.clean(header) == header
    header = "t" * 241 + "@" + "v" * 14 + "=1"
    assert tracestate.clean(header) == header


@given(st.lists(members, max_size=32, unique_by=lambda member: member[0]))
def test_every_valid_header_travels_on_unchanged(pairs):
    header = ",".join(f"{key}={value}" for key, value in pairs)
    assert tracestate.clean(header) == header


@given(st.text())
def test_no_text_makes_it_raise_and_what_it_keeps_can_be_sent(text):
    kept = tracestate.clean(text)
    assert kept.isascii()
    assert "\n" not in kept
    assert tracestate.clean(kept) == kept


def test_memory_does_not_grow_with_the_headers_seen():
    for n in range(2_000):
        tracestate.clean(f"key{n}=1")
    assert len(tracestate._checked) <= 256
