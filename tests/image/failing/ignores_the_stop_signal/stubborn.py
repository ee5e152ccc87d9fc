"""Does not hear SIGTERM."""

import signal
from wsgiref.simple_server import make_server

import served

signal.signal(signal.SIGTERM, signal.SIG_IGN)
with make_server("0.0.0.0", 8000, served.app) as server:
    server.serve_forever()
