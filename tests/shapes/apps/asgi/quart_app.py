"""A Quart service."""

import probe
from calling import call_aside
from quart import Blueprint, Quart, Response, websocket

app = Quart(__name__)
shop = Blueprint("shop", __name__, url_prefix="/shop/<shop>")


@app.get("/probe")
async def facts():
    return probe.facts()


@app.get("/work/<int:n>")
async def work(n):
    return Response(await call_aside(n), content_type="application/json")


@app.get("/raise/<n>")
async def fail(n):
    await call_aside(n)
    raise LookupError(n)


@app.get("/stream/<n>")
async def stream(n):
    async def parts():
        yield b"first "
        await call_aside(n)
        yield b"last"

    return parts(), 200


@shop.get("/items/<n>")
async def item(shop, n):
    return Response(await call_aside(n), content_type="application/json")


@app.websocket("/echo/<n>")
async def echo(n):
    text = await websocket.receive()
    await call_aside(n)
    await websocket.send(text)
    await websocket.receive()


app.register_blueprint(shop)
