import asyncio
import json

import work
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from kafka_broker import address


async def put(number):
    producer = AIOKafkaProducer(bootstrap_servers=address())
    await producer.start()
    try:
        await producer.send_and_wait("orders", json.dumps(number).encode())
    finally:
        await producer.stop()


def send(number):
    asyncio.run(put(number))


async def consume():
    consumer = AIOKafkaConsumer(
        "orders", bootstrap_servers=address(), group_id="warehouse", auto_offset_reset="earliest"
    )
    await consumer.start()
    async for message in consumer:
        work.call(json.loads(message.value))


if __name__ == "__main__":
    asyncio.run(consume())
