"""The gRPC server on asyncio."""

import asyncio

import grpc
import grpc.aio
import service


async def unary(request, context):
    return await asyncio.to_thread(service.price, request)


async def streamed(request, context):
    yield await asyncio.to_thread(service.price, request)
    yield b"and more"


async def collected(requests, context):
    first, *_ = [request async for request in requests]
    return await asyncio.to_thread(service.price, first)


async def chatted(requests, context):
    first = True
    async for request in requests:
        await context.write(await asyncio.to_thread(service.price, request) if first else b"again")
        first = False


async def missing(request, context):
    await asyncio.to_thread(service.price, request)
    await context.abort(grpc.StatusCode.NOT_FOUND, "no such item")


async def broken(request, context):
    await asyncio.to_thread(service.price, request)
    raise ValueError("broken")


async def main():
    server = grpc.aio.server()
    functions = (unary, streamed, collected, chatted, missing, broken)
    server.add_generic_rpc_handlers((service.handler(functions),))
    server.add_insecure_port("127.0.0.1:50051")
    await server.start()
    await server.wait_for_termination()


if __name__ == "__main__":
    asyncio.run(main())
