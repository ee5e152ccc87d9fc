"""An aiohttp service that makes one call for each request. STARTED_BY: `run_app`, or `runner` without signals."""

import asyncio
import os

import aiohttp
import probe
from aiohttp import web

PORT = int(os.environ["PORT"])


async def price(number):
    async with (
        aiohttp.ClientSession() as session,
        session.get(f"{os.environ['CALLEE_URL']}/item/{number}") as answer,
    ):
        return await answer.text()


async def facts(request):
    return web.Response(text=probe.facts())


async def work(request):
    return web.Response(text=await price(request.match_info["number"]))


async def streamed(request):
    answer = web.StreamResponse()
    await answer.prepare(request)
    await answer.write(b"first ")
    await answer.write((await price(request.match_info["number"])).encode())
    return answer


async def broken(request):
    await price(request.match_info["number"])
    raise ValueError("broken")


async def gone(request):
    await price(request.match_info["number"])
    raise web.HTTPGone(text="gone")


async def chat(request):
    socket = web.WebSocketResponse()
    await socket.prepare(request)
    async for message in socket:
        await socket.send_str(f"{message.data} {await price(request.match_info['number'])}")
    return socket


def routes():
    return [
        web.get("/probe", facts),
        web.get("/work/{number}", work),
        web.get("/streamed/{number}", streamed),
        web.get("/broken/{number}", broken),
        web.get("/gone/{number}", gone),
        web.get("/chat/{number}", chat),
    ]


app = web.Application()
app.add_routes(routes())
part = web.Application()
part.add_routes(routes())
app.add_subapp("/part/", part)


async def bare(request):
    """A service on the low-level server: no application, no routes."""
    kind, _, number = request.path.strip("/").partition("/")
    return web.Response(text=probe.facts() if kind == "probe" else await price(number))


async def run():
    runner = (
        web.ServerRunner(web.Server(bare)) if os.environ["STARTED_BY"] == "server" else web.AppRunner(app)
    )
    await runner.setup()
    await web.TCPSite(runner, port=PORT).start()
    await asyncio.Event().wait()


if __name__ == "__main__":
    if os.environ.get("STARTED_BY", "run_app") == "run_app":
        web.run_app(app, port=PORT, print=None)
    else:
        asyncio.run(run())
