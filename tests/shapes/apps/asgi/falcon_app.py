"""A Falcon service, under ASGI."""

import falcon
import falcon.asgi
import probe
from calling import call_aside


class Facts:
    async def on_get(self, request, response):
        response.text = probe.facts()


class Work:
    async def on_get(self, request, response, number):
        response.data = await call_aside(number)


class Failing:
    async def on_get(self, request, response, number):
        await call_aside(number)
        raise LookupError(number)


class Echo:
    async def on_websocket(self, request, websocket, number):
        await websocket.accept()
        text = await websocket.receive_text()
        await call_aside(number)
        await websocket.send_text(text)
        try:
            await websocket.receive_text()
        except falcon.WebSocketDisconnected:
            return


app = falcon.asgi.App()
app.add_route("/probe", Facts())
app.add_route("/work/{number:int}", Work())
app.add_route("/raise/{number}", Failing())
app.add_route("/echo/{number}", Echo())
