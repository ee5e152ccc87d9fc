"""A small shop: asks another service, by a name that nobody here answers to, and tells what it said."""

import json
import os
import urllib.request
from wsgiref.simple_server import make_server


def app(environ, start_response):
    with urllib.request.urlopen("http://inventory:8080/stock", timeout=5) as answer:
        stock = json.load(answer)
    body = json.dumps({"service": os.environ["CALLED"], "stock": stock}).encode()
    start_response("200 OK", [("Content-Type", "application/json"), ("Content-Length", str(len(body)))])
    return [body]


if __name__ == "__main__":
    with make_server("0.0.0.0", 8000, app) as server:
        server.serve_forever()
