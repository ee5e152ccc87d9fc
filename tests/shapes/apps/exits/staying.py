"""A program that makes one call and stays, in one of three ways, until a signal ends it."""

import ctypes
import sys
import time

from calling import call


def asleep():
    while True:
        time.sleep(60)


def busy():
    while True:
        pass


def in_c():
    """As a library's own event loop waits: back in Python only when it has ended."""
    libc = ctypes.CDLL(None)
    while True:
        libc.sleep(60)


call(0)
print("ready", flush=True)
{"asleep": asleep, "busy": busy, "in-c": in_c}[sys.argv[1]]()
