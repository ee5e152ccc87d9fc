"""The one call that a request makes."""

import asyncio
import os
import urllib.request


def call(n):
    with urllib.request.urlopen(f"{os.environ['CALLEE_URL']}/item/{n}") as answer:
        return answer.read()


async def call_aside(n):
    return await asyncio.to_thread(call, n)
