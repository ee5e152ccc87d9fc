import pytest

from tracing_bootstrap import settings
from tracing_bootstrap.doctor import limits


def told(**environ):
    return list(limits.of_settings(settings.read(environ)))


def test_the_defaults_leave_nothing_out():
    assert told() == []


@pytest.mark.parametrize(
    ("environ", "words"),
    [
        ({"OTEL_TRACES_EXPORTER": "none"}, ["no span is sent"]),
        ({"OTEL_TRACES_SAMPLER": "always_off"}, ["no span is kept", "decides anew"]),
        ({"OTEL_TRACES_SAMPLER": "always_on"}, ["decides anew"]),
        ({"OTEL_TRACES_SAMPLER": "parentbased_always_off"}, ["never kept"]),
        ({"OTEL_TRACES_SAMPLER": "parentbased_traceidratio", "OTEL_TRACES_SAMPLER_ARG": "0"}, ["never kept"]),
        (
            {"OTEL_TRACES_SAMPLER": "parentbased_traceidratio", "OTEL_TRACES_SAMPLER_ARG": "0.25"},
            ["0.25 of the"],
        ),
        ({"OTEL_TRACES_SAMPLER": "parentbased_traceidratio"}, []),
        ({"OTEL_TRACES_SAMPLER": "parentbased_ratelimited"}, ["about 10 of the traces"]),
        ({"OTEL_PROPAGATORS": "none"}, ["no trace header is read or written"]),
        ({"OTEL_PROPAGATORS": "baggage"}, ["no header carries traces on"]),
        ({"OTEL_PROPAGATORS": "b3,jaeger"}, ["b3, jaeger carries traces on"]),
        ({"OTEL_PROPAGATORS": "b3,tracecontext"}, []),
        ({"TRACING_BOOTSTRAP_EDGE": "true"}, ["linked and not joined"]),
        ({"OTEL_PYTHON_EXCLUDED_URLS": "health"}, ["some requests get no span"]),
        ({"OTEL_SDK_DISABLED": "true", "OTEL_PROPAGATORS": "none"}, []),
    ],
)
def test_each_setting_that_leaves_something_out_is_named(environ, words):
    lines = told(**environ)
    assert len(lines) == len(words)
    for line, word in zip(lines, words, strict=True):
        assert word in line
        assert any(name in line for name in environ)


def row(module, state, kind="servers"):
    return {"module": module, "kind": kind, "state": state}


def test_servers_are_named_where_none_of_them_is_installed():
    rows = [
        row("gunicorn.http.wsgi", "not installed"),
        row("wsgiref.handlers", "patched"),
        row("flask.app", "patched", "frameworks"),
    ]
    (line,) = limits.of_servers(rows)
    assert line.endswith("known to be traced: gunicorn")
    assert list(limits.of_servers([*rows, row("uvicorn.config", "patched")])) == []
    assert list(limits.of_servers([*rows, row("uvicorn.config", "not patched")])) == []
