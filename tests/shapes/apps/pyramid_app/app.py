"""A Pyramid service: URL dispatch, and a view for whatever its views raise."""

import os
import urllib.request

import probe
from pyramid.config import Configurator
from pyramid.response import Response


def work(request):
    number = request.matchdict["number"]
    with urllib.request.urlopen(f"{os.environ['CALLEE_URL']}/item/{number}") as answer:
        return Response(answer.read())


def raises(request):
    work(request)
    raise RuntimeError("cannot do it")


def sorry(error, request):
    return Response("sorry", status=500)


def facts(request):
    return Response(probe.facts())


with Configurator() as config:
    for view in (work, raises):
        config.add_route(view.__name__, f"/{view.__name__}/{{number}}")
        config.add_view(view, route_name=view.__name__)
    config.add_route("probe", "probe")
    config.add_view(facts, route_name="probe")
    config.add_exception_view(sorry, context=RuntimeError)
    app = config.make_wsgi_app()
