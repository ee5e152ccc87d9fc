"""What frameworks tell of a request: the route, its application's root in front, and the exceptions they answer."""

import pytest

from tracing_bootstrap.instrumentation.frameworks import cherrypy
from tracing_bootstrap.instrumentation.server_span import ServerSpan, name_route, record_failure
from tracing_bootstrap.recorder.context import current


@pytest.fixture
def span():
    made = ServerSpan("1" * 32, "2" * 16, 1, "", "", lambda span: None)
    current.set(made)
    yield made
    current.set(None)


@pytest.mark.parametrize(
    ("root", "route"), [(None, "/a/<n>"), ("", "/a/<n>"), ("/api", "/api/a/<n>"), ("/", "/a/<n>")]
)
def test_the_route_stands_below_the_applications_root(span, root, route):
    name_route("/a/<n>", root)
    assert span.route == route


def test_outside_of_a_request_there_is_nothing_to_name():
    name_route("/a", None)
    record_failure(RuntimeError())
    assert current.get() is None


def test_what_a_framework_answers_for_is_recorded(span):
    record_failure(KeyError("x"))
    assert span.attributes["error.type"] == "KeyError"


class Pages:
    def work(self, number, detail=None):
        pass

    def files(self, *path):
        pass


class Resource:
    def GET(self, number):  # noqa: N802 - as CherryPy wants it
        pass


@pytest.mark.parametrize(
    ("handler", "arguments", "path", "template"),
    [
        (Pages().work, ["7"], "/work/7", "/work/{number}"),
        (Pages().work, ["7", "x"], "/shop/work/7/x/", "/shop/work/{number}/{detail}"),
        (Pages().files, ["a", "b", "c"], "/files/a/b/c", "/files/{path}"),
        (Pages().work, [], "/work", "/work"),
        (Pages().work, [], "/", "/"),
        (Resource(), ["7"], "/thing/7", "/thing/{number}"),
        (object(), ["7"], "/thing/7", "/thing/{path}"),
    ],
)
def test_a_cherrypy_handlers_parameters_stand_for_the_segments(handler, arguments, path, template):
    assert cherrypy.template(handler, arguments, path, "GET") == template
