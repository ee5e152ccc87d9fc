import json

import work
from kafka import KafkaConsumer, KafkaProducer
from kafka_broker import address

#: The mock cluster does not know the newest question about versions, which this client asks first.
CONNECTION = {"bootstrap_servers": address(), "api_version": (2, 0)}


def send(number):
    producer.send("orders", json.dumps(number).encode())
    producer.flush()


def consume():
    consumer = KafkaConsumer("orders", group_id="warehouse", auto_offset_reset="earliest", **CONNECTION)
    for message in consumer:
        work.call(json.loads(message.value))


if __name__ == "__main__":
    consume()
else:
    producer = KafkaProducer(**CONNECTION)
