"""A server for SQS, moto's, with a queue; the queue's address is written to a file."""

import logging
import os
import signal

ADDRESS = "/tmp/queue"


def address():
    with open(ADDRESS) as file:
        return file.read()


if __name__ == "__main__":
    import boto3
    from moto.server import ThreadedMotoServer

    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    ThreadedMotoServer(port=5000, verbose=False).start()
    queue = boto3.client("sqs").create_queue(QueueName="orders")["QueueUrl"]
    with open(ADDRESS + ".new", "w") as file:
        file.write(queue)
    os.rename(ADDRESS + ".new", ADDRESS)
    # It goes with the container, after the service: clients complain of a server that goes before them.
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    while True:
        signal.pause()
