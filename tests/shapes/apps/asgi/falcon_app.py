"""A Falcon service, under ASGI."""

import falcon
import falcon.asgi
import probe
from calling import call_aside


class Facts:
    async def on_get(self, request, response):
        response.text = probe.facts()


class Work:
    async def on_get(self, request, response, n):
        response.data = await call_aside(n)


class Failing:
    async def on_get(self, request, response, n):
        await call_aside(n)
        raise LookupError(n)


class Echo:
    async def on_websocket(self, request, websocket, n):
        await websocket.accept()
        text = await websocket.receive_text()
        await call_aside(n)
        await websocket.send_text(text)
        try:
            await websocket.receive_text()
        except falcon.WebSocketDisconnected:
            return


app = falcon.asgi.App()
app.add_route("/probe", Facts())
app.add_route("/work/{n:int}", Work())
app.add_route("/raise/{n}", Failing())
app.add_route("/echo/{n}", Echo())
