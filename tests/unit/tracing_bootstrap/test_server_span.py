"""Which attributes a request's span has, read back from what leaves the process."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from opentelemetry.proto.trace.v1.trace_pb2 import ScopeSpans, Span
from order_request import ATTRIBUTES

from tracing_bootstrap.instrumentation.server_span import ServerSpan, is_excluded, take
from tracing_bootstrap.recorder import otlp

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
PARENT = "b7ad6b7169203331"

GUNICORN = {
    "REQUEST_METHOD": "POST",
    "RAW_URI": "/orders/caf%C3%A9?token=abc&page=2",
    "SCRIPT_NAME": "",
    "PATH_INFO": "/orders/caf\u00c3\u00a9",
    "QUERY_STRING": "token=abc&page=2",
    "wsgi.url_scheme": "http",
    "HTTP_HOST": "shop:8000",
    "SERVER_NAME": "0.0.0.0",
    "SERVER_PORT": "8000",
    "SERVER_PROTOCOL": "HTTP/1.1",
    "REMOTE_ADDR": "10.0.0.9",
    "REMOTE_PORT": "4711",
    "HTTP_X_FORWARDED_FOR": "203.0.113.7",
    "HTTP_USER_AGENT": "curl/8",
    "CONTENT_LENGTH": "12",
}


def finished(environ, *, route=None, status="200 OK", size=5, fail=None):
    span = ServerSpan(TRACE, PARENT, 1, "", "", lambda span: None)
    span.request = take(environ)
    span.route, span.status_line, span.body_size = route, status, size
    if fail is not None:
        span.fail(fail)
    span.end()
    scope = ScopeSpans()
    scope.ParseFromString(otlp.encode_span(span, 0))
    (decoded,) = scope.spans
    found = {pair.key: pair.value.string_value or pair.value.int_value for pair in decoded.attributes}
    return decoded, found


def test_the_conventions_attributes_are_there():
    decoded, found = finished(GUNICORN, route="/orders/<name>")
    assert decoded.name == "POST /orders/<name>"
    assert decoded.kind == Span.SPAN_KIND_SERVER
    assert found == {**ATTRIBUTES, "http.route": "/orders/<name>"}


def test_a_server_that_does_not_tell_the_target_has_it_put_together():
    environ = {key: value for key, value in GUNICORN.items() if key not in ("RAW_URI", "HTTP_HOST")}
    environ["SERVER_NAME"] = "stock"
    found = finished(environ)[1]
    assert found["url.path"] == "/orders/caf%C3%A9"
    assert found["url.query"] == "token=REDACTED&page=2"
    assert (found["server.address"], found["server.port"]) == ("stock", 8000)


def test_without_a_route_the_name_is_the_method_alone():
    assert finished(GUNICORN)[0].name == "POST"


def test_an_unknown_method_is_other_and_cannot_blow_up_names():
    decoded, found = finished(GUNICORN | {"REQUEST_METHOD": "BREW" * 100})
    assert decoded.name == "HTTP"
    assert found["http.request.method"] == "_OTHER"
    assert len(found["http.request.method_original"]) == 64


@pytest.mark.parametrize(
    ("status", "code", "error"),
    [("204 No Content", 0, None), ("404 Not Found", 0, None), ("503 Busy", 2, "503")],
)
def test_only_a_5xx_answer_is_an_error_of_the_server(status, code, error):
    decoded, found = finished(GUNICORN, status=status)
    assert decoded.status.code == code
    assert found["http.response.status_code"] == int(status[:3])
    assert found.get("error.type") == error


def test_what_the_application_raised_names_the_error():
    decoded, found = finished(GUNICORN, status="500 Internal Server Error", fail=KeyError("sku"))
    assert found["error.type"] == "KeyError"
    assert decoded.status.code == 2
    assert decoded.events[0].name == "exception"
    assert [pair.key for pair in decoded.attributes].count("error.type") == 1


def test_a_request_in_absolute_form_is_told_by_its_path():
    found = finished(GUNICORN | {"RAW_URI": "http://proxy/x/y?z=1"})[1]
    assert (found["url.path"], found["url.query"]) == ("/x/y", "z=1")


def test_two_requests_that_differ_in_one_thing_are_not_mixed_up():
    first = finished(GUNICORN)[1]
    for key, value, attribute, expected in (
        ("REQUEST_METHOD", "PUT", "http.request.method", "PUT"),
        ("RAW_URI", "/other", "url.path", "/other"),
        ("REMOTE_ADDR", "10.0.0.10", "network.peer.address", "10.0.0.10"),
        ("HTTP_HOST", "other", "server.address", "other"),
    ):
        assert first[attribute] != expected
        assert finished(GUNICORN | {key: value})[1][attribute] == expected
    assert finished(GUNICORN)[1] == first


text = st.text(max_size=300) | st.none()


@given(st.fixed_dictionaries(dict.fromkeys(GUNICORN, text)))
def test_no_header_makes_it_raise(environ):
    found = finished(environ)[1]
    assert len(str(found)) < 20_000


def test_excluded_urls_are_matched_against_the_whole_url():
    import re

    assert is_excluded(re.compile("healthz$").search, GUNICORN | {"PATH_INFO": "/healthz"})
    assert not is_excluded(re.compile("healthz$").search, GUNICORN)
