"""W3C Baggage, section 3."""

from hypothesis import given
from hypothesis import strategies as st

from tracing_bootstrap.propagation import baggage


def test_members_and_their_properties_travel_on():
    header = "userId=alice,serverNode=DF%2028,isProduction=false;ttl=30;secure"
    assert baggage.clean(header) == header


def test_values_are_read_decoded_and_without_properties():
    assert baggage.read("node=DF%2028;x=1,b=2") == {"node": "DF 28", "b": "2"}


def test_a_malformed_member_is_left_out_alone():
    assert baggage.clean("a=1,b c=2,\u00e9=3,d=4\x00,e=5") == "a=1,e=5"


def test_what_exceeds_the_limits_is_left_out_in_whole_members():
    assert baggage.clean(",".join(f"k{n}=1" for n in range(100))).count(",") == 63
    kept = baggage.clean("a=1," + "b=" + "x" * 9_000)
    assert kept == "a=1"
    assert baggage.clean("x" * 100_000) == ""


@given(st.text())
def test_no_text_makes_it_raise_and_what_it_keeps_can_be_sent(text):
    kept = baggage.clean(text)
    assert kept.isascii()
    assert len(kept) <= 8_192
    assert "\n" not in kept


@given(
    st.dictionaries(
        st.text("abcXYZ019_-", min_size=1, max_size=10),
        st.text(st.characters(codec="utf-8"), max_size=30),
        max_size=8,
    )
)
def test_what_is_written_is_read_back(entries):
    assert baggage.read(baggage.write(entries)) == entries
