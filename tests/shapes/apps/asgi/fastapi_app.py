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


async def called(n: int):
    return await call_aside(n)


@app.get("/probe")
def facts():
    return PlainTextResponse(probe.facts())


@app.get("/work/{n}")
async def work(n: int):
    return answer(await call_aside(n))


@app.get("/thread/{n}")
def work_in_a_thread(n: int):
    return answer(call(n))


@app.get("/depends/{n}")
async def depends(n: int, body=Depends(called)):
    return answer(body)


@app.get("/raise/{n}")
async def fail(n: int):
    await call_aside(n)
    raise LookupError(n)


@app.get("/missing/{n}")
async def missing(n: int):
    await call_aside(n)
    raise HTTPException(404)


@app.get("/later/{n}")
async def later(n: int, tasks: BackgroundTasks):
    tasks.add_task(call, n)
    return PlainTextResponse("later")


@items.get("/{n}/stock")
async def stock(n: int):
    return answer(await call_aside(n))


@items.websocket("/{n}/echo")
async def echo(websocket: WebSocket, n: int):
    await websocket.accept()
    text = await websocket.receive_text()
    await call_aside(n)
    await websocket.send_text(text)
    await websocket.receive()


@mounted.get("/work/{n}")
async def work_mounted(n: int):
    return answer(await call_aside(n))


shop.include_router(items)
app.include_router(shop, prefix="/shop/{shop}")
app.mount("/mounted", mounted)
