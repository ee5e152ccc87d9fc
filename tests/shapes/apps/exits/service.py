"""A WSGI application that calls, and then ends in the way that the path asks for."""

import os
import sys
import time

import probe
from calling import call


def hang():
    time.sleep(60)


def leave():
    sys.exit(3)


def leave_at_once():
    os._exit(4)


ENDS = {"work": lambda: None, "hang": hang, "exit": leave, "exit-at-once": leave_at_once}


def app(environ, start_response):
    _, end, *number = environ["PATH_INFO"].split("/")
    body = probe.facts().encode() if end == "probe" else call(int(number[0]))
    if end != "probe":
        ENDS[end]()
    start_response("200 OK", [("Content-Type", "application/json"), ("Content-Length", str(len(body)))])
    return [body]


def main():
    from wsgiref.simple_server import make_server

    with make_server("0.0.0.0", int(os.environ["PORT"]), app) as server:
        server.serve_forever()


if __name__ == "__main__":
    main()
