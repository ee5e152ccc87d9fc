"""A Litestar service."""

import probe
from calling import call, call_aside
from litestar import Litestar, MediaType, Router, WebSocket, get, websocket


@get("/probe", media_type=MediaType.TEXT)
async def facts() -> str:
    return probe.facts()


@get("/work/{number:int}", media_type=MediaType.TEXT)
async def work(number: int) -> bytes:
    return await call_aside(number)


@get("/thread/{number:int}", media_type=MediaType.TEXT, sync_to_thread=True)
def work_in_a_thread(number: int) -> bytes:
    return call(number)


@get("/raise/{number:str}")
async def fail(number: str) -> None:
    await call_aside(number)
    raise LookupError(number)


@websocket("/echo/{number:str}")
async def echo(socket: WebSocket, number: str) -> None:
    await socket.accept()
    text = await socket.receive_text()
    await call_aside(number)
    await socket.send_text(text)
    await socket.receive()


app = Litestar([facts, work, work_in_a_thread, fail, echo, Router("/shop/{shop:str}", route_handlers=[work])])
