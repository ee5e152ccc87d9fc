"""A WSGI application whose calls are made elsewhere: the environment says where."""

import os

import probe
from ways import WAYS

do = WAYS[os.environ["WAY"]]


def app(environ, start_response):
    path = environ["PATH_INFO"]
    body = probe.facts().encode() if path == "/probe" else do(int(path.rpartition("/")[2]))
    start_response("200 OK", [("Content-Type", "application/json"), ("Content-Length", str(len(body)))])
    return [body]


def main():
    from wsgiref.simple_server import make_server

    with make_server("0.0.0.0", int(os.environ["PORT"]), app) as server:
        server.serve_forever()


if __name__ == "__main__":
    main()
