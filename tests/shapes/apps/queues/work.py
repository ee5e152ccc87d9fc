"""What a worker does with each message: one outgoing call."""

import os
import urllib.request


def call(number):
    with urllib.request.urlopen(f"{os.environ['CALLEE_URL']}/item/{number}", timeout=10) as answer:
        answer.read()
