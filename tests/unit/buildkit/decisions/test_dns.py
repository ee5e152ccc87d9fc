import socket
import struct

from hypothesis import given
from hypothesis import strategies as st

from buildkit.decisions import dns

A, PTR, TXT, AAAA, ANY = 1, 12, 16, 28, 255
LABEL = st.text("abcdefghijklmnopqrstuvwxyz0123456789-_", min_size=1, max_size=63)


def query(name, kind=A, *, number=7, flags=0x0100, family=1, questions=1):
    labels = b"".join(bytes([len(part)]) + part.encode() for part in name.split(".") if part)
    return (
        struct.pack("!6H", number, flags, questions, 0, 0, 0)
        + labels
        + b"\0"
        + struct.pack("!2H", kind, family)
    )


def test_a_name_is_read_in_lower_case():
    asked = dns.question(query("Inventory.Shop.svc"))
    assert (asked.number, asked.name, asked.kind) == (7, "inventory.shop.svc", A)
    assert asked.asks_for_address


def test_every_name_has_the_one_address():
    raw = dns.answer(dns.question(query("inventory")), address="172.18.0.2")
    number, flags, questions, answers, *_ = struct.unpack_from("!6H", raw)
    assert (number, questions, answers) == (7, 1, 1)
    assert flags & 0x8000
    assert flags & 0x000F == 0
    assert raw[-4:] == socket.inet_aton("172.18.0.2")


def test_no_name_has_an_address_of_version_6_or_another_record():
    for kind in (AAAA, TXT):
        raw = dns.answer(dns.question(query("inventory", kind)), address="172.18.0.2")
        _, flags, _, answers, *_ = struct.unpack_from("!6H", raw)
        assert (flags & 0x000F, answers) == (0, 0)


def test_no_address_has_a_name():
    raw = dns.answer(dns.question(query("2.0.18.172.in-addr.arpa", PTR)), address="172.18.0.2")
    assert struct.unpack_from("!6H", raw)[1] & 0x000F == 3


def test_answers_and_other_operations_are_no_questions():
    assert dns.question(query("a", flags=0x8000)) is None
    assert dns.question(query("a", flags=0x2800)) is None
    assert dns.question(query("a", questions=2)) is None
    assert dns.question(query("a", family=3)) is None


def test_bytes_that_would_break_a_line_are_escaped():
    labels = b"\x05a\nb\x00\xff"
    raw = struct.pack("!6H", 1, 0, 1, 0, 0, 0) + labels + b"\0" + struct.pack("!2H", A, 1)
    assert dns.question(raw).name == r"a\x0ab\x00\xff"


@given(st.lists(LABEL, min_size=1, max_size=3), st.integers(0, 0xFFFF), st.sampled_from([A, AAAA, ANY, TXT]))
def test_what_was_asked_is_in_the_answer(labels, number, kind):
    name = ".".join(labels)
    asked = dns.question(query(name, kind, number=number))
    assert asked.name == name
    raw = dns.answer(asked, address="10.0.0.1")
    assert raw[:2] == struct.pack("!H", number)
    assert asked.raw in raw


@given(st.binary(max_size=600))
def test_garbage_is_no_question_and_never_an_error(datagram):
    asked = dns.question(datagram)
    assert asked is None or dns.answer(asked, address="10.0.0.1")


@given(st.binary(max_size=300))
def test_garbage_behind_a_good_header_is_never_an_error(rest):
    asked = dns.question(struct.pack("!6H", 1, 0x0100, 1, 0, 0, 0) + rest)
    assert asked is None or dns.answer(asked, address="10.0.0.1")
