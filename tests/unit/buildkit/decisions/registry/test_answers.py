"""What a refusal means."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from buildkit.decisions.registry import answers
from buildkit.values.errors import CredentialsRefused, NotInRegistry, RegistryError, RegistryUnavailable


def refusal(status, body=b""):
    return answers.refusal(status, body, what="reading a:b", host="r.example", who="nobody")


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (401, CredentialsRefused),
        (403, CredentialsRefused),
        (404, NotInRegistry),
        (429, RegistryUnavailable),
        (500, RegistryUnavailable),
        (503, RegistryUnavailable),
        (400, RegistryError),
        (507, RegistryError),
        (302, RegistryError),
    ],
)
def test_each_status_has_its_error(status, kind):
    error = refusal(status, b'{"errors":[{"code":"X","message":"because"}]}')
    assert type(error) is kind
    assert "reading a:b: r.example " in str(error)
    assert "because" in str(error)
    assert error.exit_code == 1


def test_a_page_for_people_is_quoted_as_one_short_line():
    error = refusal(502, b"<html><h1>Bad\nGateway</h1>" + b"<p>x</p>" * 500)
    assert "(Bad Gateway x x" in str(error)
    assert "\n" not in str(error)
    assert len(str(error)) < 300


@given(st.binary(max_size=200))
def test_any_body_becomes_one_line(body):
    assert len(answers.words(body).splitlines()) <= 1


def test_a_full_disk_is_told_from_other_failures():
    full = b'{"errors":[{"detail":{"Enclosed":{"Op":"write","Err":28}}}]}'
    assert answers.is_full(500, full)
    assert "has no room" in str(refusal(500, full))
    assert not answers.is_full(500, b"no idea")
    assert not answers.is_full(404, full)


@pytest.mark.parametrize(
    ("link", "expected"),
    [
        ('</v2/_catalog?last=b&n=2>; rel="next"', "https://r.example/v2/_catalog?last=b&n=2"),
        ("<https://r.example/x?a=1>; rel=next", "https://r.example/x?a=1"),
        ("<?n=1&last=z>;rel=next", "https://r.example/v2/_catalog?n=1&last=z"),
        ('<https://other>; rel="prev", <https://r.example/y>; rel="next"', "https://r.example/y"),
        ('<https://other>; rel="prev"', ""),
        ("", ""),
        ("nonsense", ""),
    ],
)
def test_the_next_page_is_found(link, expected):
    assert answers.next_page(link, url="https://r.example/v2/_catalog?n=2") == expected
