"""A Litestar service."""

import probe
from calling import call, call_aside
from litestar import Litestar, MediaType, Router, WebSocket, get, websocket


@get("/probe", media_type=MediaType.TEXT)
async def facts() -> str:
    return probe.facts()


@get("/work/{n:int}", media_type=MediaType.TEXT)
async def work(n: int) -> bytes:
    return await call_aside(n)


@get("/thread/{n:int}", media_type=MediaType.TEXT, sync_to_thread=True)
def work_in_a_thread(n: int) -> bytes:
    return call(n)


@get("/raise/{n:str}")
async def fail(n: str) -> None:
    await call_aside(n)
    raise LookupError(n)


@websocket("/echo/{n:str}")
async def echo(socket: WebSocket, n: str) -> None:
    await socket.accept()
    text = await socket.receive_text()
    await call_aside(n)
    await socket.send_text(text)
    await socket.receive()


app = Litestar([facts, work, work_in_a_thread, fail, echo, Router("/shop/{shop:str}", route_handlers=[work])])
