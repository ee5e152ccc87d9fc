"""One outgoing call."""

import os
import urllib.request


def call(number):
    with urllib.request.urlopen(f"{os.environ['CALLEE_URL']}/item/{number}") as answer:
        return answer.read()
