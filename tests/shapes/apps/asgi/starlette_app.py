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
    return Response(await call_aside(request.path_params["n"]), media_type="application/json")


def work_in_a_thread(request):
    return Response(call(request.path_params["n"]), media_type="application/json")


async def facts(request):
    return PlainTextResponse(probe.facts())


async def fail(request):
    await call_aside(request.path_params["n"])
    raise LookupError(request.path_params["n"])


async def refuse(request):
    await call_aside(request.path_params["n"])
    raise ValueError(request.path_params["n"])


async def refused(request, exc):
    return PlainTextResponse("refused", status_code=422)


async def stream(request):
    async def parts():
        yield "first "
        await call_aside(request.path_params["n"])
        yield "last"

    return StreamingResponse(parts(), media_type="text/plain")


async def later(request):
    return PlainTextResponse("later", background=BackgroundTask(call, request.path_params["n"]))


async def echo(websocket):
    await websocket.accept()
    text = await websocket.receive_text()
    await call_aside(websocket.path_params["n"])
    await websocket.send_text(text)
    await websocket.receive()


class Passing(BaseHTTPMiddleware):
    """Runs the rest of the application in a task of its own."""

    async def dispatch(self, request, call_next):
        return await call_next(request)


app = Starlette(
    routes=[
        Route("/probe", facts),
        Route("/work/{n:int}", work),
        Route("/thread/{n:int}", work_in_a_thread),
        Route("/raise/{n}", fail),
        Route("/refuse/{n}", refuse),
        Route("/stream/{n}", stream),
        Route("/later/{n}", later),
        WebSocketRoute("/echo/{n}", echo),
        Mount("/shop/{shop}", routes=[Mount("/items", routes=[Route("/{n:int}", work)])]),
    ],
    middleware=[Middleware(Passing)],
    exception_handlers={ValueError: refused},
)
