"""A Kafka broker: librdkafka's mock cluster, which listens on the loopback. Its address is written to a file."""

import os
import signal

from confluent_kafka import Producer

ADDRESS = "/tmp/broker"

if __name__ == "__main__":
    cluster = Producer({"test.mock.num.brokers": 1, "bootstrap.servers": "unused", "log_level": 0})
    # A topic that is asked for is there from then on.
    cluster.list_topics("orders", timeout=30)
    (broker,) = cluster.list_topics(timeout=30).brokers.values()
    with open(ADDRESS + ".new", "w") as file:
        file.write(f"{broker.host}:{broker.port}")
    os.rename(ADDRESS + ".new", ADDRESS)
    # It goes with the container, after the service: clients complain of a server that goes before them.
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    while True:
        signal.pause()


def address():
    with open(ADDRESS) as file:
        return file.read()
