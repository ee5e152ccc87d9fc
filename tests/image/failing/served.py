"""A service as simple as can be; the directories beside this file break it in one way each."""

import os
import urllib.request
from wsgiref.simple_server import make_server

HOST = os.environ.get("BIND_HOST", "0.0.0.0")
PORT = int(os.environ.get("BIND_PORT", "8000"))
PEER = os.environ.get("PEER_URL")


def app(environ, start_response):
    if PEER:
        urllib.request.urlopen(PEER + "/called", timeout=5).close()
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", "5")])
    return [b"hello"]


if __name__ == "__main__":
    with make_server(HOST, PORT, app) as server:
        server.serve_forever()
