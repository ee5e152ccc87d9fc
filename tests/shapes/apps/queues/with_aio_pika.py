import asyncio
import json
import os

import aio_pika
import work

QUEUE = f"orders-{os.environ['RUN']}"


async def put(number):
    async with await aio_pika.connect_robust(os.environ["BROKER"]) as connection:
        channel = await connection.channel()
        await channel.declare_queue(QUEUE)
        message = aio_pika.Message(json.dumps(number).encode(), headers={"from": "shop"})
        await channel.default_exchange.publish(message, QUEUE)


def send(number):
    asyncio.run(put(number))


async def handle(message):
    async with message.process():
        work.call(json.loads(message.body))


async def consume(how):
    async with await aio_pika.connect_robust(os.environ["BROKER"]) as connection:
        channel = await connection.channel()
        queue = await channel.declare_queue(QUEUE)
        if how == "callback":
            await queue.consume(handle)
            await asyncio.Event().wait()
        elif how == "loop":
            async with queue.iterator() as messages:
                async for message in messages:
                    await handle(message)
        else:
            while True:
                message = await queue.get(fail=False)
                if message is None:
                    await asyncio.sleep(0.05)
                else:
                    await handle(message)


if __name__ == "__main__":
    asyncio.run(consume(os.environ["HOW"]))
