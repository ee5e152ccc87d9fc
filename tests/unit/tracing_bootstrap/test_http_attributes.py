"""What the HTTP semantic conventions ask for, and what must never be in a trace."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracing_bootstrap.instrumentation import http_attributes as http


@pytest.mark.parametrize(
    ("query", "kept"),
    [
        ("a=1&b=2", "a=1&b=2"),
        ("sig=abc&x=1", "sig=REDACTED&x=1"),
        ("Access_Token=abc", "Access_Token=REDACTED"),
        ("api%5Fkey=abc", "api%5Fkey=REDACTED"),
        ("password=a=b=c", "password=REDACTED"),
        ("token", "token"),
        ("", ""),
    ],
)
def test_values_of_sensitive_keys_are_redacted(query, kept):
    assert http.redact_query(query) == kept


@pytest.mark.parametrize(
    ("url", "kept"),
    [
        ("http://host/p?a=1#frag", "http://host/p?a=1"),
        ("https://user:secret@host:8443/p", "https://REDACTED:REDACTED@host:8443/p"),
        ("https://user@host", "https://REDACTED@host"),
        ("https://us/er:p@ss@host/x", "https://us/er:p@ss@host/x"),
        ("https://u:p@ss@host/x?token=1", "https://REDACTED:REDACTED@host/x?token=REDACTED"),
        ("/only/a/path?key=1", "/only/a/path?key=REDACTED"),
    ],
)
def test_urls_lose_credentials_fragments_and_secrets(url, kept):
    assert http.redact_url(url) == kept


@given(st.text(), st.text(min_size=1))
def test_a_secret_never_survives_in_a_url(prefix, secret):
    marker = f"s3cr3t{secret.encode().hex() if secret.isascii() else 'x'}"
    assert marker not in http.redact_url(f"http://user:{marker}@host/?password={marker}")
    http.redact_url(prefix)
    http.redact_query(prefix)


@pytest.mark.parametrize(
    ("forwarded", "x_forwarded_for", "peer", "client"),
    [
        (None, None, "10.0.0.1", "10.0.0.1"),
        (None, "203.0.113.7, 10.0.0.2", "10.0.0.1", "203.0.113.7"),
        (None, "203.0.113.7:4711", "10.0.0.1", "203.0.113.7"),
        (None, "[2001:db8::1]:80", "10.0.0.1", "2001:db8::1"),
        (None, "2001:db8::1", "10.0.0.1", "2001:db8::1"),
        (None, "unknown, 203.0.113.7", "10.0.0.1", "10.0.0.1"),
        ('for="[2001:db8::17]:4711";proto=https, for=10.0.0.2', "203.0.113.7", "10.0.0.1", "2001:db8::17"),
        ("proto=https;For=192.0.2.60", None, "10.0.0.1", "192.0.2.60"),
        ("for=_hidden", "203.0.113.7", "10.0.0.1", "203.0.113.7"),
        ("", "", "", ""),
        (None, None, None, None),
    ],
)
def test_the_client_is_the_first_hop_that_a_proxy_names_else_the_peer(
    forwarded, x_forwarded_for, peer, client
):
    assert http.client_address(forwarded, x_forwarded_for, peer) == client


@given(st.text() | st.none(), st.text() | st.none())
def test_no_forwarding_header_makes_it_raise_and_none_grows_without_bound(forwarded, x_forwarded_for):
    found = http.client_address(forwarded, x_forwarded_for, "10.0.0.1")
    assert found
    assert len(found) <= 256


@pytest.mark.parametrize(
    ("value", "split"),
    [
        ("shop", ("shop", None)),
        ("shop:8000", ("shop", 8000)),
        ("[::1]:8000", ("::1", 8000)),
        ("[::1]", ("::1", None)),
        ("::1", ("::1", None)),
        ("shop:http", ("shop", None)),
        ("shop:\u0661", ("shop", None)),
        ("", ("", None)),
    ],
)
def test_hosts_are_split_from_their_ports(value, split):
    assert http.split_host(value) == split


@pytest.mark.parametrize(
    ("value", "size"), [("17", 17), ("", None), (None, None), ("-1", None), ("1" * 40, None)]
)
def test_a_size_is_a_number_or_nothing(value, size):
    assert http.size(value) == size


@pytest.mark.parametrize(
    ("protocol", "version"),
    [("HTTP/1.1", "1.1"), ("HTTP/2.0", "2"), ("HTTP/2", "2"), ("ws", None), (None, None)],
)
def test_protocol_versions_are_named_as_the_conventions_do(protocol, version):
    assert http.protocol_version(protocol) == version
