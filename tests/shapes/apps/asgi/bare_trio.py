"""The application without a framework, its call in a thread of trio's."""

import bare
import trio
from calling import call


async def call_aside(n):
    return await trio.to_thread.run_sync(call, n)


bare.call_aside = call_aside
app = bare.app
