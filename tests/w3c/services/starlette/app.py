"""The same with Starlette and an asynchronous client."""

import httpx
from starlette.applications import Starlette
from starlette.responses import JSONResponse, PlainTextResponse
from starlette.routing import Route


async def ready(_request):
    return PlainTextResponse("ready")


async def call(request):
    async with httpx.AsyncClient(timeout=5) as client:
        for action in await request.json():
            await client.post(action["url"], json=action["arguments"])
    return JSONResponse([])


app = Starlette(routes=[Route("/", ready), Route("/test", call, methods=["POST"])])
