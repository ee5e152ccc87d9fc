import json
import os
import time

import pika
import work

QUEUE = f"orders-{os.environ['RUN']}"


def connect():
    channel = pika.BlockingConnection(pika.URLParameters(os.environ["BROKER"])).channel()
    channel.queue_declare(QUEUE)
    return channel


def send(number):
    channel = connect()
    # One in two has headers of its own.
    properties = pika.BasicProperties(headers={"from": "shop"}) if number % 2 else None
    channel.basic_publish("", QUEUE, json.dumps(number), properties)
    channel.connection.close()


def handle(channel, method, properties, body):
    assert properties.headers is None or set(properties.headers) - {"from"} <= {"traceparent"}
    work.call(json.loads(body))
    channel.basic_ack(method.delivery_tag)


def consume(how):
    channel = connect()
    if how == "callback":
        channel.basic_consume(QUEUE, handle)
        channel.start_consuming()
    elif how == "loop":
        for message in channel.consume(QUEUE):
            handle(channel, *message)
    else:
        while True:
            message = channel.basic_get(QUEUE)
            if message[0] is None:
                time.sleep(0.05)
            else:
                handle(channel, *message)


if __name__ == "__main__":
    consume(os.environ["HOW"])
