"""A Starlette service: routes in mounts, a stream, a background task, a WebSocket, and what goes wrong."""

import probe
from calling import call, call_aside
from starlette.applications import Starlette
from starlette.background import BackgroundTask
from starlette.middleware import Middleware
from starlette.middleware.base import BaseHTTPMiddleware
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.routing import Mount, Route, WebSocketRoute


async def work(request):
    return Response(await call_aside(request.path_params["number"]), media_type="application/json")


def work_in_a_thread(request):
    return Response(call(request.path_params["number"]), media_type="application/json")


async def facts(request):
    return PlainTextResponse(probe.facts())


async def fail(request):
    await call_aside(request.path_params["number"])
    raise LookupError(request.path_params["number"])


async def refuse(request):
    await call_aside(request.path_params["number"])
    raise ValueError(request.path_params["number"])


async def refused(request, exc):
    return PlainTextResponse("refused", status_code=422)


async def stream(request):
    async def parts():
        yield "first "
        await call_aside(request.path_params["number"])
        yield "last"

    return StreamingResponse(parts(), media_type="text/plain")


async def later(request):
    return PlainTextResponse("later", background=BackgroundTask(call, request.path_params["number"]))


async def echo(websocket):
    await websocket.accept()
    text = await websocket.receive_text()
    await call_aside(websocket.path_params["number"])
    await websocket.send_text(text)
    await websocket.receive()


class Passing(BaseHTTPMiddleware):
    """Runs the rest of the application in a task of its own."""

    async def dispatch(self, request, call_next):
        return await call_next(request)


app = Starlette(
    routes=[
        Route("/probe", facts),
        Route("/work/{number:int}", work),
        Route("/thread/{number:int}", work_in_a_thread),
        Route("/raise/{number}", fail),
        Route("/refuse/{number}", refuse),
        Route("/stream/{number}", stream),
        Route("/later/{number}", later),
        WebSocketRoute("/echo/{number}", echo),
        Mount("/shop/{shop}", routes=[Mount("/items", routes=[Route("/{number:int}", work)])]),
    ],
    middleware=[Middleware(Passing)],
    exception_handlers={ValueError: refused},
)
