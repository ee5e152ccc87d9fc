"""A Sanic service, for its own server and for others."""

import probe
from calling import call_aside
from sanic import Blueprint, Sanic, raw, text

app = Sanic("shop")
shop = Blueprint("items", url_prefix="/shop/<shop>")


@app.get("/probe")
async def facts(request):
    return text(probe.facts())


@app.get("/work/<n:int>")
async def work(request, n):
    return raw(await call_aside(n), content_type="application/json")


@app.get("/raise/<n>")
async def fail(request, n):
    await call_aside(n)
    raise LookupError(n)


@app.get("/stream/<n>")
async def stream(request, n):
    response = await request.respond(content_type="text/plain")
    await response.send("first ")
    await call_aside(n)
    await response.send("last")
    await response.eof()


@shop.get("/items/<n>")
async def item(request, shop, n):
    return raw(await call_aside(n), content_type="application/json")


@app.websocket("/echo/<n>")
async def echo(request, websocket, n):
    said = await websocket.recv()
    await call_aside(n)
    await websocket.send(said)
    await websocket.recv()


app.blueprint(shop)
