import json
import os

import work
from confluent_kafka import Consumer, Producer
from kafka_broker import address

producer = Producer({"bootstrap.servers": address()})


def send(number):
    headers = {None: None, "list": [("from", b"shop")], "dict": {"from": b"shop"}}[os.environ.get("HOW")]
    producer.produce("orders", json.dumps(number), headers=headers)
    producer.flush()


def consume():
    consumer = Consumer(
        {"bootstrap.servers": address(), "group.id": "warehouse", "auto.offset.reset": "earliest"}
    )
    consumer.subscribe(["orders"])
    while True:
        message = consumer.poll(1)
        if message is not None and message.error() is None:
            work.call(json.loads(message.value()))


if __name__ == "__main__":
    consume()
