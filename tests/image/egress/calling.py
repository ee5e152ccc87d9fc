"""Calls whoever it is told to, in the way that it is told."""

import os
import socket
import threading
import time
import urllib.request
from urllib.parse import urlsplit
from wsgiref.simple_server import make_server

import grpc
import httpx
import requests

TARGET = os.environ.get("TARGET", "").format(far=os.environ.get("FAR"))


def raw(url):
    """A socket of its own, which no traced layer sees."""
    where = urlsplit(url)
    with socket.create_connection((where.hostname, where.port or 80), timeout=5) as link:
        link.sendall(
            f"GET {where.path} HTTP/1.1\r\nHost: {where.netloc}\r\nConnection: close\r\n\r\n".encode()
        )
        while link.recv(4096):
            pass


def remote_procedure(url):
    with grpc.insecure_channel(urlsplit(url).netloc) as channel:
        assert channel.unary_unary("/stock.Stock/Count")(b"", timeout=5) == b""


def http2(url):
    with httpx.Client(http1=False, http2=True) as client:
        client.get(url)


def thread(url):
    """A thread that is given no context: what it calls is in a trace of its own."""
    waiting = threading.Thread(target=lambda: time.sleep(0), daemon=True)
    waiting.start()
    JOBS.append(url)
    while JOBS:
        time.sleep(0.001)


JOBS = []


def work_off():
    while True:
        if JOBS:
            requests.get(JOBS[0], timeout=5)
            JOBS.pop()
        time.sleep(0.001)


def poll(url):
    while True:
        raw(url)
        time.sleep(0.05)


WAYS = {
    "requests": lambda url: requests.get(url, timeout=5),
    "httpx": httpx.get,
    "urllib": lambda url: urllib.request.urlopen(url, timeout=5).close(),
    "http2": http2,
    "grpc": remote_procedure,
    "raw": raw,
    "thread": thread,
    "connect": lambda url: socket.create_connection(
        (urlsplit(url).hostname, urlsplit(url).port), timeout=5
    ).close(),
    "distrusting": lambda url: requests.get(url, timeout=5, verify="/etc/ssl/certs/ca-certificates.crt"),
    "none": lambda url: None,
}
ONCE = [os.environ["ONCE"]] * 2 if "ONCE" in os.environ else []


def app(environ, start_response):
    if ONCE:
        raw(ONCE.pop())
    if environ["PATH_INFO"] != "/quiet":
        WAYS[os.environ.get("WAY", "none")](TARGET)
    start_response("200 OK", [("Content-Length", "2")])
    return [b"ok"]


if "AT_START" in os.environ:
    raw(os.environ["AT_START"])
if "POLLS" in os.environ:
    threading.Thread(target=poll, args=(os.environ["POLLS"],), daemon=True).start()
threading.Thread(target=work_off, daemon=True).start()
with make_server("0.0.0.0", 8000, app) as server:
    server.serve_forever()
