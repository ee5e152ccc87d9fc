"""The same service as app.py on aiohttp.web, with an asynchronous client. /many/<n> calls twice at a time."""

import asyncio
import os

import asynchronous
import probe
from aiohttp import web

CALLEE = os.environ["CALLEE_URL"]
call = None


async def client(app):
    global call
    async with getattr(asynchronous, os.environ["CALL_WITH"])() as call:
        yield


async def facts(request):
    return web.Response(text=probe.facts())


async def work(request):
    status, body = await call(
        CALLEE + request.path.replace("/work/", "/item/").removeprefix("/call"), own_headers()
    )
    return web.Response(text=f"{status} {body.decode()}")


async def many(request):
    url = f"{CALLEE}/item/{request.match_info['number']}"
    answers = await asyncio.gather(call(url, {}), asyncio.create_task(call(url, {})))
    return web.Response(text=str(answers))


async def refused(request):
    try:
        await call("http://127.0.0.1:9/", {})
    except Exception as error:  # noqa: BLE001 - each client has its own
        return web.Response(text=type(error).__name__)
    return web.Response(text="not refused")


def own_headers():
    """A service that carries traces on by itself, with the OpenTelemetry API."""
    headers = {}
    if os.environ.get("CALL_WITH_OWN_HEADERS"):
        from opentelemetry import propagate

        propagate.inject(headers)
    return headers


app = web.Application()
app.cleanup_ctx.append(client)
app.router.add_get("/probe", facts)
app.router.add_get("/work/{number}", work)
app.router.add_get("/many/{number}", many)
app.router.add_get("/refused", refused)
app.router.add_get("/call/{path:.*}", work)

if __name__ == "__main__":
    web.run_app(app, port=int(os.environ["PORT"]), print=None)
