"""A WSGI application written by hand (PEP 3333); each path is one way of answering, and calls out once."""

import os
import sys
import urllib.request

import probe

TEXT = [("Content-Type", "text/plain")]
PIECE = b"a piece of the answer\n"


def app(environ, start_response):
    path = environ["PATH_INFO"]
    if path == "/probe":
        start_response("200 OK", [("Content-Type", "application/json")])
        return [probe.facts().encode()]
    _, way, number = path.split("/")
    return WAYS.get(way, missing)(number, environ, start_response)


def work(number, environ, start_response):
    body = call(number)
    start_response("200 OK", [*TEXT, ("Content-Length", str(len(body)))])
    return [] if environ["REQUEST_METHOD"] == "HEAD" else [body]


def echo(number, environ, start_response):
    """Read the request's body, with its length or in chunks, then answer with it."""
    length = environ.get("CONTENT_LENGTH")
    body = environ["wsgi.input"].read(int(length)) if length else environ["wsgi.input"].read()
    call(number)
    start_response("200 OK", TEXT)
    return [body]


def stream(number, environ, start_response):
    """Answer piece by piece; the call is made in the middle, when the server iterates."""
    start_response("200 OK", TEXT)
    yield PIECE
    call(number)
    yield PIECE


def write(number, environ, start_response):
    """Use the callable that start_response returns."""
    send = start_response("200 OK", TEXT)
    send(PIECE)
    call(number)
    return [PIECE]


def file(number, environ, start_response):
    """Hand the server a file, through its file wrapper where it has one (it may then use sendfile)."""
    call(number)
    wrapper = environ.get("wsgi.file_wrapper")
    start_response("200 OK", [*TEXT, ("Content-Length", str(os.path.getsize(__file__)))])
    opened = open(__file__, "rb")  # noqa: SIM115 - the server closes it
    return wrapper(opened, 8192) if wrapper else iter(lambda: opened.read(8192), b"")


def raises(number, environ, start_response):
    call(number)
    raise RuntimeError(f"cannot do {number}")


def late(number, environ, start_response):
    """Fail when part of the answer is out."""
    start_response("200 OK", TEXT)
    yield PIECE
    call(number)
    raise RuntimeError(f"cannot finish {number}")


def handled(number, environ, start_response):
    """Answer for an exception by start_response's third argument."""
    call(number)
    try:
        raise RuntimeError(f"cannot do {number}")
    except RuntimeError:
        start_response("500 Internal Server Error", TEXT, sys.exc_info())
    return [b"sorry\n"]


def missing(number, environ, start_response):
    call(number)
    start_response("404 Not Found", TEXT)
    return [b"nothing here\n"]


def call(number):
    with urllib.request.urlopen(f"{os.environ['CALLEE_URL']}/item/{number}") as answer:
        return answer.read()


WAYS = {way.__name__: way for way in (work, echo, stream, write, file, raises, late, handled)}
