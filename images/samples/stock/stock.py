"""How many of a product are there, and what do they cost? Plain WSGI, without a framework."""

import json
import os
import urllib.request

PRICES = os.environ.get("PEER_URL", "http://prices:8000")


def app(environ, start_response):
    method, parts = environ["REQUEST_METHOD"], environ["PATH_INFO"].strip("/").split("/")
    match method, parts:
        case "GET", ["stock", number] if number.isdecimal():
            with urllib.request.urlopen(f"{PRICES}/prices/{number}", timeout=5) as answer:
                price = json.load(answer)["price"]
            return reply(start_response, "200 OK", {"left": int(number) * 3, "price": price})
        case "POST", ["reservations"]:
            wanted = json.loads(environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"])))
            return reply(start_response, "201 Created", {"reserved": wanted["quantity"]})
        case _:
            return reply(start_response, "404 Not Found", {"error": "no such page"})


def reply(start_response, status, content):
    body = json.dumps(content).encode()
    headers = [("Content-Type", "application/json"), ("Content-Length", str(len(body)))]
    start_response(status, headers)
    return [body]
