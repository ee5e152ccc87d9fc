import json
import os
import socket
import threading

import boto3
import botocore.exceptions
import work


def connect():
    """The server is started beside this process: wait until it listens."""
    while True:
        try:
            socket.create_connection(("127.0.0.1", 5000)).close()
            break
        except OSError:
            threading.Event().wait(0.1)
    client = boto3.client("sqs")
    return client, client.create_queue(QueueName="orders")["QueueUrl"]


client, url = connect()


def send(number):
    if os.environ["HOW"] == "batch":
        client.send_message_batch(QueueUrl=url, Entries=[{"Id": "1", "MessageBody": json.dumps(number)}])
    else:
        own = {"from": {"DataType": "String", "StringValue": "shop"}}
        client.send_message(QueueUrl=url, MessageBody=json.dumps(number), MessageAttributes=own)


def consume():
    while True:
        try:
            answer = client.receive_message(QueueUrl=url, WaitTimeSeconds=1)
        except botocore.exceptions.BotoCoreError:
            # The server was stopped.
            return
        for message in answer.get("Messages", ()):
            assert "MessageAttributes" not in message
            work.call(json.loads(message["Body"]))
            client.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])


if __name__ == "__main__":
    consume()
