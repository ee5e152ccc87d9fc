"""Calls others by a socket of its own, which no traced layer sees."""

import os
import socket
from urllib.parse import urlsplit
from wsgiref.simple_server import make_server

PEER = urlsplit(os.environ["PEER_URL"])


def app(environ, start_response):
    with socket.create_connection((PEER.hostname, PEER.port), timeout=5) as link:
        link.sendall(b"GET /called HTTP/1.1\r\nHost: peer\r\nConnection: close\r\n\r\n")
        while link.recv(4096):
            pass
    start_response("200 OK", [("Content-Length", "2")])
    return [b"ok"]


with make_server("0.0.0.0", 8000, app) as server:
    server.serve_forever()
