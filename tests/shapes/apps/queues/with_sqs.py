import json
import os

import boto3
import botocore.exceptions
import work
from sqs_server import address

client, url = boto3.client("sqs"), address()


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
