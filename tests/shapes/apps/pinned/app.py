"""A service that uses what it pins, and answers with the versions and places that it runs on."""

import importlib
import importlib.metadata
import json
import os
import urllib.request

import flask
import probe

app = flask.Flask(__name__)
MODULES = os.environ["MODULES"].split()


@app.get("/work/<int:number>")
def work(number):
    url = f"{os.environ['CALLEE_URL']}/item/{number}"
    result = globals().get(os.environ["USES"], plain)(url)
    return json.dumps([result, *(place(name) for name in MODULES)])


def place(name):
    module = importlib.import_module(name)
    return [name, module.__file__, str(getattr(module, "__version__", ""))]


def plain(url):
    with urllib.request.urlopen(url) as answer:
        return answer.read().decode()


def requests(url):
    import requests

    return requests.get(url).text


def protobuf(url):
    from google.protobuf import struct_pb2
    from google.protobuf.internal import api_implementation

    message = struct_pb2.Struct()
    message["said"] = plain(url)
    return [str(message), api_implementation.Type()]


def typing_extensions(url):
    import typing_extensions

    return [plain(url), hasattr(typing_extensions, "deprecated")]


def opentelemetry(url):
    from opentelemetry import trace

    with trace.get_tracer("own").start_as_current_span("own"):
        return plain(url)


def sdk(url):
    from opentelemetry.sdk.trace import TracerProvider

    with TracerProvider().get_tracer("own").start_span("nobody's"):
        return opentelemetry(url)


def wrapt(url):
    import wrapt

    @wrapt.decorator
    def twice(wrapped, instance, args, kwargs):
        return [wrapped(*args, **kwargs)] * 2

    return twice(plain)(url)


def packaging(url):
    from packaging import version

    return [plain(url), repr(version.parse("1.0-not-a-version"))]


@app.get("/probe")
def facts():
    return probe.facts()
