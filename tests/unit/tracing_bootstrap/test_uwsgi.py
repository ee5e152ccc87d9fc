"""What uWSGI's patch does with an application, and with the modules that are loaded."""

import builtins
import importlib.util
import sys
import types

import pytest

from tracing_bootstrap import settings as settings_module
from tracing_bootstrap.instrumentation.server_span import ServerSpan, request_span
from tracing_bootstrap.instrumentation.servers import uwsgi, uwsgi_loading
from tracing_bootstrap.recorder import sampler, tracer
from tracing_bootstrap.recorder.context import current

ENVIRON = {"REQUEST_METHOD": "GET", "PATH_INFO": "/", "wsgi.url_scheme": "http"}


@pytest.fixture
def ended(monkeypatch):
    """The spans that ended, of a tracer that sends nothing and leaves the test's process as it is."""
    spans = []
    settings = settings_module.current()
    made = tracer.Tracer(settings, sampler.make(settings), None)
    made.take = spans.append
    monkeypatch.setattr(tracer, "_tracer", made)
    monkeypatch.setattr(tracer, "excluded", None)
    yield spans
    current.set(None)


@pytest.fixture
def module(monkeypatch):
    """The module that uWSGI fills."""
    made = types.ModuleType("uwsgi")
    made.opt = {}
    monkeypatch.setitem(sys.modules, "uwsgi", made)
    return made


class App:
    setting = 1

    def __call__(self, environ, start_response):
        start_response("200 OK", [("Content-Length", "5")])
        return [b"hello"]


def traced(application):
    values = {"app": application}
    uwsgi.trace(values, "app")
    return values


@pytest.mark.usefixtures("module")
def test_a_request_is_a_span_until_the_hook_after_it(ended):
    answered = []
    values = traced(App())
    body = values["app"](ENVIRON, lambda *answer: answered.append(answer))
    span = request_span()
    assert body == [b"hello"]
    assert answered == [("200 OK", [("Content-Length", "5")])]
    assert ended == []
    uwsgi._end()
    assert ended == [span]
    assert (span.status_line, span.body_size) == ("200 OK", 5)
    assert request_span() is None


@pytest.mark.usefixtures("module")
def test_what_the_application_raises_is_recorded_and_goes_on(ended):
    def app(environ, start_response):
        raise RuntimeError("no")

    values = traced(app)
    with pytest.raises(RuntimeError):
        values["app"](ENVIRON, None)
    (span,) = ended
    assert isinstance(span, ServerSpan)
    assert span.attributes["error.type"] == "RuntimeError"


@pytest.mark.usefixtures("module", "ended")
def test_the_name_is_the_applications_own_again_from_the_first_request_on():
    app = App()
    values = traced(app)
    assert values["app"] is not app
    values["app"](ENVIRON, lambda *answer: None)
    assert values["app"] is app


@pytest.mark.usefixtures("module")
def test_until_then_it_looks_like_the_application():
    app = App()
    stand_in = traced(app)["app"]
    stand_in.setting = 2
    assert (app.setting, stand_in.setting) == (2, 2)
    assert isinstance(stand_in, App)


def test_the_services_own_hook_is_called_first(module, ended):
    order = []
    module.after_req_hook = lambda: order.append(request_span())
    values = traced(App())
    values["app"](ENVIRON, lambda *answer: None)
    module.after_req_hook()
    assert order == ended


@pytest.mark.parametrize(
    ("options", "name", "attribute"),
    [
        ({"module": b"shop:app"}, "shop", "app"),
        ({"module": b"shop.wsgi"}, "shop.wsgi", "application"),
        ({"w": b"shop", "callable": b"app"}, "shop", "app"),
        ({"mount": [b"/a=one:app", b"/b=two:app"]}, "two", "app"),
        ({"module": b"shop:app"}, "other", None),
        ({"module": b"shop:create()"}, "shop", None),
        ({}, "shop", None),
    ],
)
def test_the_application_is_found_as_uwsgi_was_told(module, options, name, attribute):
    module.opt = options
    assert uwsgi_loading._wanted(name) == attribute


def test_a_module_that_holds_an_application_tells_when_it_has_run(module, monkeypatch, tmp_path):
    (tmp_path / "shop_of_a_test.py").write_text("app = 1\n")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "shop_of_a_test", raising=False)
    module.opt = {"module": b"shop_of_a_test:app"}
    told = []
    finder = uwsgi_loading._Finder(lambda values, name: told.append((values["app"], name)))
    monkeypatch.setattr(sys, "meta_path", [finder, *sys.meta_path])
    loaded = importlib.import_module("shop_of_a_test")
    assert told == [(1, "app")]
    assert type(loaded.__loader__).__module__ != uwsgi_loading.__name__


def test_a_file_that_is_run_tells_when_its_code_returns():
    values = {"__builtins__": builtins}
    told = []
    uwsgi_loading._at_return(values, lambda: told.append(dict(values)["app"]))
    exec(compile("def inner(): pass\ninner()\napp = 1\n", "app.py", "exec"), values)
    exec(compile("app = 2\n", "app.py", "exec"), values)
    assert told == [1]
    assert sys.getprofile() is None
