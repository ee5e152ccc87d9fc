"""What does a product cost? The standard library's server, and a rate from outside where there is one."""

import http.client
import json
import os
from urllib.parse import urlsplit
from wsgiref.simple_server import make_server

RATES = os.environ.get("PEER_URL")


def app(environ, start_response):
    number = environ["PATH_INFO"].removeprefix("/prices/")
    if not number.isdecimal():
        start_response("404 Not Found", [("Content-Length", "0")])
        return []
    body = json.dumps({"price": int(number) * rate()}).encode()
    start_response("200 OK", [("Content-Type", "application/json"), ("Content-Length", str(len(body)))])
    return [body]


def rate():
    if not RATES:
        return 1
    connection = http.client.HTTPConnection(urlsplit(RATES).netloc, timeout=5)
    try:
        connection.request("GET", "/rates/today")
        return json.load(connection.getresponse())["price"]
    finally:
        connection.close()


if __name__ == "__main__":
    with make_server("0.0.0.0", 8000, app) as server:
        server.serve_forever()
