"""A WSGI application without a framework, for the ASGI servers that serve those as well."""

import probe
from calling import call


def app(environ, start_response):
    path = environ["PATH_INFO"]
    body = probe.facts().encode() if path == "/probe" else call(path.rpartition("/")[2])
    start_response("200 OK", [("Content-Type", "application/json"), ("Content-Length", str(len(body)))])
    return [body]
