"""Ends on SIGTERM as if it were unplugged."""

import os
import signal
from wsgiref.simple_server import make_server

import served

signal.signal(signal.SIGTERM, lambda *_: os.kill(os.getpid(), signal.SIGKILL))
with make_server("0.0.0.0", 8000, served.app) as server:
    server.serve_forever()
