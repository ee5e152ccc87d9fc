"""What a registry asks for, and what it gets."""

from urllib.parse import parse_qs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from buildkit.decisions.registry.challenge import Challenge, choose, parse, refresh_form, token_query

BEARER = 'Bearer realm="https://auth.example/token",service="r.example",scope="repository:a/b:pull,push"'


def test_a_token_servers_realm_service_and_scope_are_read():
    assert parse(BEARER) == (
        Challenge("bearer", "https://auth.example/token", "r.example", "repository:a/b:pull,push"),
    )


def test_several_challenges_in_one_header_are_told_apart():
    found = parse(f'Basic realm="a, b", charset="UTF-8", Negotiate, NTLM abc==, {BEARER}')
    assert [challenge.scheme for challenge in found] == ["basic", "negotiate", "ntlm", "bearer"]
    assert found[0].realm == "a, b"
    assert choose(found).scheme == "bearer"


@pytest.mark.parametrize(
    ("header", "realm"),
    [
        ('BASIC Realm="x"', "x"),
        ("Basic realm=x", "x"),
        ('Basic realm = "x"', "x"),
        ('Basic realm="a \\"b\\""', 'a "b"'),
        ("Basic", ""),
    ],
)
def test_all_ways_to_write_a_realm_are_read(header, realm):
    (found,) = parse(header)
    assert (found.scheme, found.realm) == ("basic", realm)


@pytest.mark.parametrize("header", ["", "???", 'realm="x"', "Digest realm=x", "Negotiate abc=="])
def test_what_we_cannot_answer_is_nobodys_turn(header):
    assert choose(parse(header)) is None


@given(st.text(max_size=200))
def test_any_header_is_read_without_failing(header):
    parse(header)


def test_the_question_for_a_token_names_service_scopes_and_account():
    query = parse_qs(token_query(parse(BEARER)[0], scopes=["s 1", "s2"], user="u"))
    assert query == {"service": ["r.example"], "scope": ["s 1", "s2"], "account": ["u"]}
    assert token_query(Challenge("bearer", "x"), scopes=[], user="") == ""


def test_an_identity_token_is_sent_as_a_form():
    form = parse_qs(refresh_form(parse(BEARER)[0], scopes=["s1", "s2"], token="t&t").decode())
    assert form["grant_type"] == ["refresh_token"]
    assert form["refresh_token"] == ["t&t"]
    assert form["scope"] == ["s1 s2"]
