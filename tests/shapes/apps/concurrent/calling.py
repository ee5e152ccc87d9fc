"""One outgoing call; as a program: the one that its argument numbers."""

import os
import sys
import urllib.request


def call(number):
    with urllib.request.urlopen(f"{os.environ['CALLEE_URL']}/item/{number}") as answer:
        return answer.read()


if __name__ == "__main__":
    print(call(sys.argv[1]).decode())
