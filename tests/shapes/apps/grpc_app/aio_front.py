"""The same as front.py with grpc.aio's client, on aiohttp.web."""

import os

import grpc
import grpc.aio
import probe
import service
from aiohttp import web


async def channel(app):
    async with grpc.aio.insecure_channel("127.0.0.1:50051") as app["channel"]:
        yield


async def facts(request):
    return web.Response(text=probe.facts())


async def work(request):
    name = request.match_info.get("method", "Unary")
    number = request.match_info["number"].encode()
    try:
        answers = await send(request.app["channel"], name, number)
    except grpc.RpcError as error:
        return web.Response(text=f"{error.code().name} {error.details()}")
    return web.Response(text=" ".join(answer.decode() for answer in answers))


async def send(channel, name, number):
    path = f"/{service.NAME}/{name}"
    if name == "Streamed":
        return [answer async for answer in channel.unary_stream(path)(number, wait_for_ready=True)]
    if name == "Collected":
        return [await channel.stream_unary(path)(iter([number, b"0"]), wait_for_ready=True)]
    if name == "Chatted":
        call = channel.stream_stream(path)(wait_for_ready=True)
        answers = []
        for request in (number, b"0"):
            await call.write(request)
            answers.append(await call.read())
        await call.done_writing()
        assert await call.read() is grpc.aio.EOF
        return answers
    return [await channel.unary_unary(path)(number, wait_for_ready=True)]


app = web.Application()
app.cleanup_ctx.append(channel)
app.router.add_get("/probe", facts)
app.router.add_get("/work/{number}", work)
app.router.add_get("/{method}/{number}", work)

if __name__ == "__main__":
    web.run_app(app, port=int(os.environ["PORT"]), print=None)
