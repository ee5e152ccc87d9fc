"""A WSGI application without a framework, for the ASGI servers that serve those as well."""

import probe
from calling import call


def app(environ, start_response):
    path = environ["PATH_INFO"]
    n = path.rpartition("/")[2]
    if path.startswith("/stream"):
        start_response("200 OK", [("Content-Type", "text/plain")])
        return stream(n)
    body = probe.facts().encode() if path == "/probe" else call(n)
    if path.startswith("/raise"):
        raise LookupError(n)
    start_response("200 OK", [("Content-Type", "application/json"), ("Content-Length", str(len(body)))])
    return [body]


def stream(n):
    yield b"first "
    # Between two parts of the body: the span must still be there.
    call(n)
    yield b"last"
