"""A WSGI application that no framework had a hand in."""

import os
import urllib.request


def application(environ, start_response):
    body = b"ready"
    if environ["PATH_INFO"] == "/call":
        with urllib.request.urlopen(f"{os.environ['PEER_URL']}/called", timeout=5) as answer:
            body = answer.read()
    if environ["PATH_INFO"] == "/facts":
        import json

        import facts

        body = json.dumps(facts.collect()).encode()
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", str(len(body)))])
    return [body]


if __name__ == "__main__":
    from wsgiref.simple_server import make_server

    with make_server("0.0.0.0", 8000, application) as server:
        server.serve_forever()
