"""A FastAPI service of any version: routes of its own, of included routers, of a mounted application."""

import probe
from calling import call, call_aside
from fastapi import APIRouter, BackgroundTasks, Depends, FastAPI, HTTPException, WebSocket
from fastapi.responses import PlainTextResponse, Response

app = FastAPI()
items = APIRouter(prefix="/items")
shop = APIRouter()
mounted = FastAPI()


def answer(body):
    return Response(body, media_type="application/json")


async def called(number: int):
    return await call_aside(number)


@app.get("/probe")
def facts():
    return PlainTextResponse(probe.facts())


@app.get("/work/{number}")
async def work(number: int):
    return answer(await call_aside(number))


@app.get("/thread/{number}")
def work_in_a_thread(number: int):
    return answer(call(number))


@app.get("/depends/{number}")
async def depends(number: int, body=Depends(called)):  # noqa: B008 - how FastAPI is written
    return answer(body)


@app.get("/raise/{number}")
async def fail(number: int):
    await call_aside(number)
    raise LookupError(number)


@app.get("/missing/{number}")
async def missing(number: int):
    await call_aside(number)
    raise HTTPException(404)


@app.get("/later/{number}")
async def later(number: int, tasks: BackgroundTasks):
    tasks.add_task(call, number)
    return PlainTextResponse("later")


@items.get("/{number}/stock")
async def stock(number: int):
    return answer(await call_aside(number))


@items.websocket("/{number}/echo")
async def echo(websocket: WebSocket, number: int):
    await websocket.accept()
    text = await websocket.receive_text()
    await call_aside(number)
    await websocket.send_text(text)
    await websocket.receive()


@mounted.get("/work/{number}")
async def work_mounted(number: int):
    return answer(await call_aside(number))


shop.include_router(items)
app.include_router(shop, prefix="/shop/{shop}")
app.mount("/mounted", mounted)
