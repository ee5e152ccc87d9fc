"""Sends requests through gunicorn's own functions and the application, without a socket, in one process."""

import io
import itertools
import os
import random
import socket
import sys

import urllib3.util.connection

os.environ["BENCH_UPSTREAM"] = "http://stock.example"

import app as service
import orders
from gunicorn.config import Config
from gunicorn.http import wsgi
from gunicorn.http.message import Request
from gunicorn.http.unreader import IterUnreader

SERVER = ("10.1.0.1", 8000)
UPSTREAM = ("stock.example", 80)
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 11\r\n\r\n17 in stock"


class UpstreamSocket:
    """A connection to the other service that answers at once.

    All of requests, urllib3 and http.client runs, on every side; only the kernel's part and the other process,
    whose cost varies by more than a tracer's, are left out. They are in the end-to-end rows.
    """

    def __init__(self):
        # urllib3 polls a connection before it uses it again, so there must be one that stays silent.
        self._ours, self._theirs = socket.socketpair()

    def fileno(self):
        return self._ours.fileno()

    def sendall(self, data):
        self.last = data

    def makefile(self, mode):
        return io.BytesIO(ANSWER)

    def settimeout(self, seconds):
        self.timeout = seconds

    def close(self):
        self._ours.close()
        self._theirs.close()


def connect_upstream_without_a_network():
    """Have urllib3 open the upstream's connection as one of ours, and every other (an exporter's) as ever."""
    create_connection = urllib3.util.connection.create_connection

    def connect(address, *args, **kwargs):
        return UpstreamSocket() if address == UPSTREAM else create_connection(address, *args, **kwargs)

    urllib3.util.connection.create_connection = connect


class Socket:
    """Where a response goes."""

    def sendall(self, data):
        self.last = data


class Worker:
    """What gunicorn hands to its hooks."""


def prepare(route, cfg, *, flags):
    """Parse one request for every path; each comes from a caller that is traced, in a trace of its own."""
    chance = random.Random(route)
    requests = []
    for number in range(orders.PATHS):
        client = (f"10.2.0.{number % 16}", 40000 + number)
        lines = (
            f"GET /{route}/name-{number} HTTP/1.1",
            "Host: bench.example:8000",
            "User-Agent: python-requests/2.34.2",
            "Accept-Encoding: gzip, deflate",
            "Accept: */*",
            "Connection: keep-alive",
            f"traceparent: 00-{chance.getrandbits(128):032x}-{chance.getrandbits(64):016x}-{flags}",
        )
        raw = "\r\n".join((*lines, "", "")).encode()
        requests.append((Request(cfg, IterUnreader([raw]), client), client))
    return itertools.cycle(requests)


def serve(requests, *, app, cfg):
    """Do what a sync worker does between reading a request and logging it."""
    socket, worker = Socket(), Worker()
    for req, client in requests:
        resp, environ = wsgi.create(req, socket, client, SERVER, cfg)
        try:
            body = app(environ, resp.start_response)
            try:
                for item in body:
                    resp.write(item)
                resp.close()
            finally:
                if hasattr(body, "close"):
                    body.close()
        finally:
            cfg.post_request(worker, req, environ, resp)
        if resp.status_code != 200:
            sys.exit(f"{req.path} was answered with {resp.status}")


def bare(environ, start_response):
    """An application without a framework."""
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", "5")])
    return [b"hello"]


def main():
    connect_upstream_without_a_network()
    apps = {"hello": service.app, "chain": service.app, "wsgi": bare}
    if "opentelemetry.sdk.trace" in sys.modules:
        # opentelemetry-instrument knows no application without a framework: whoever has one wraps it by hand.
        from opentelemetry.instrumentation.wsgi import OpenTelemetryMiddleware

        apps["wsgi"] = OpenTelemetryMiddleware(bare)
    cfg = Config()
    routes = {}
    for route, app in apps.items():
        routes[route] = prepare(route, cfg, flags="01"), app
        # The same from a caller that did not sample its trace.
        routes[f"{route} unsampled"] = prepare(route, cfg, flags="00"), app

    def serve_some(route, requests):
        prepared, app = routes[route]
        serve(itertools.islice(prepared, requests), app=app, cfg=cfg)

    orders.obey(serve_some)


if __name__ == "__main__":
    main()
