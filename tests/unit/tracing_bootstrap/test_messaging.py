"""Spans of messages: how they begin and end, and what describes them. In processes of their own."""

import json
import subprocess
import sys
import textwrap
from pathlib import Path

from described import DESCRIBED

ROOT = Path(__file__).parents[3]

PRELUDE = """
import json
from tracing_bootstrap.instrumentation.queues import amqp, kafka, messaging, pulled, sqs
from tracing_bootstrap.recorder import tracer
from tracing_bootstrap.recorder.context import current, current_span
from tracing_bootstrap.recorder.span import CLIENT, Span
PARENT = {"traceparent": "00-" + "a" * 32 + "-" + "b" * 16 + "-01", "tracestate": "x=1", "baggage": "k=v"}

def say(*more):
    print(json.dumps([described(), *more]))
"""


def run(code):
    """Run code after the prelude, and return what it said."""
    done = subprocess.run(
        [sys.executable, "-c", PRELUDE + DESCRIBED + textwrap.dedent(code)],
        cwd=ROOT,
        env={"PATH": "/usr/bin:/bin", "TRACING_BOOTSTRAP_STRICT": "1", "OTEL_TRACES_EXPORTER": "none"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    return json.loads(done.stdout)


def test_a_sent_message_has_a_producer_span_with_the_attributes_of_the_messaging_conventions():
    (span,), headers = run(
        """
        span = messaging.produce("celery", "orders", subject="shop.pay")
        span.message_id = "m-1"
        span.details = (("server.address", "redis"), ("server.port", 6379), ("messaging.client.id", None))
        written = dict(messaging.headers(span, ()))
        messaging.end(span, None, None)
        say(written)
        """
    )
    assert headers == {"traceparent": f"00-{span['trace']}-{span['id']}-01"}
    assert span["kind"] == 4
    assert {key: value for key, value in span.items() if "." in key} | {"name": span["name"]} == {
        "name": "send shop.pay",
        "messaging.system": "celery",
        "messaging.operation.name": "send",
        "messaging.operation.type": "send",
        "messaging.destination.name": "orders",
        "messaging.message.id": "m-1",
        "server.address": "redis",
        "server.port": 6379,
    }


def test_a_handled_message_is_below_the_span_that_sent_it_and_above_what_is_done_meanwhile():
    (inner, outer), carried, after = run(
        """
        span = messaging.consume("rabbitmq", "orders", PARENT.get)
        messaging.enter(span)
        child = tracer.child(Span, "inner", CLIENT)
        carried = [child.entry is span, child.baggage, child.tracestate]
        child.end()
        messaging.leave(span, ValueError("no such order"))
        say(carried, current.get() is None)
        """
    )
    assert (outer["trace"], outer["parent"], outer["kind"]) == ("a" * 32, "b" * 16, 5)
    assert (outer["status"], outer["error.type"]) == (2, "ValueError")
    assert inner["parent"] == outer["id"]
    assert carried == [True, "k=v", "x=1"]
    assert after


def test_headers_and_destinations_may_be_bytes():
    ((span,),) = run(
        """
        record = {name: value.encode() for name, value in PARENT.items()}
        span = messaging.consume("kafka", b"orders", record.get)
        span.end()
        say()
        """
    )
    assert (span["trace"], span["name"]) == ("a" * 32, "process orders")


def test_a_message_without_headers_begins_a_trace():
    ((span,),) = run("messaging.consume('kafka', 'orders', {}.get).end(); say()")
    assert span["parent"] == ""
    assert span["trace"] != "a" * 32


def test_headers_that_a_message_was_received_with_are_known_and_others_are_not():
    _, answers = run(
        """
        answers = [messaging.was_copied(PARENT["traceparent"])]
        span = messaging.consume("celery", "orders", PARENT.get)
        messaging.enter(span)
        answers.append(messaging.was_copied(PARENT["traceparent"]))
        messaging.enter(messaging.produce("celery", "orders"))
        answers.append(messaging.was_copied(PARENT["traceparent"]))
        answers.append(messaging.was_copied(PARENT["traceparent"].replace("b", "c")))
        answers.append(messaging.was_copied(None))
        say(answers)
        """
    )
    assert answers == [False, True, True, False, False]


LOOP = """
class Record:
    def __init__(self, headers):
        self.topic, self.partition, self.offset, self.key = "orders", 3, 7, b"key"
        self.headers = [(name, value.encode()) for name, value in headers.items()]

class Consumer:
    config = {"group_id": "warehouse"}

consumer = Consumer()
"""


def test_a_message_of_a_loop_is_handled_until_the_next_one_is_asked_for():
    (inner, outer), before, after = run(
        LOOP
        + """
kafka.deliver(consumer, (Record(PARENT),))
before = current_span().operation
tracer.child(Span, "inner", CLIENT).end()
pulled.done(consumer)
pulled.done(consumer)
say(before, current.get() is None)
"""
    )
    assert inner["parent"] == outer["id"]
    assert outer["trace"] == "a" * 32
    assert (before, after) == ("process", True)
    assert outer["messaging.kafka.offset"] == 7
    assert outer["messaging.destination.partition.id"] == "3"
    assert outer["messaging.kafka.message.key"] == "key"
    assert outer["messaging.consumer.group.name"] == "warehouse"


def test_a_batch_is_linked_to_the_traces_of_its_messages_and_nothing_becomes_current():
    (span,), nothing = run(
        LOOP
        + """
kafka.deliver(consumer, (Record(PARENT), Record({})))
say(current.get() is None)
"""
    )
    assert (span["name"], span["kind"]) == ("receive orders", 3)
    assert span["messaging.batch.message_count"] == 2
    assert span["links"] == [["a" * 32, "b" * 16]]
    assert nothing


def test_a_loop_inside_of_a_request_leaves_the_request_current():
    (received, request), still = run(
        LOOP
        + """
request = tracer.child(Span, "request", CLIENT)
current.set(request)
kafka.deliver(consumer, (Record(PARENT),))
pulled.done(consumer)
still = current.get() is request
request.end()
say(still)
"""
    )
    assert still
    assert received["parent"] == request["id"]
    assert received["links"] == [["a" * 32, "b" * 16]]


def test_a_message_that_is_being_handled_when_the_process_ends_is_recorded():
    ((outer,),) = run(
        LOOP + "import atexit\natexit.register(say)\nkafka.deliver(consumer, (Record(PARENT),))\n"
    )
    assert outer["name"] == "process orders"


def test_the_headers_that_a_service_gave_are_neither_changed_nor_doubled():
    _, pairs, added, kept, own = run(
        """
        given = [("from", b"shop")]
        pairs = kafka.send("orders", given, None, None)[1]
        added = kafka.send("orders", {"from": b"shop"}, None, None)[1]
        kept = kafka.send("orders", [("traceparent", b"mine")], None, None)[1]
        say([name for name, _ in pairs], list(added), [value.decode() for _, value in kept], len(given))
        """
    )
    assert pairs == ["from", "traceparent"]
    assert added == ["from", "traceparent"]
    assert kept == ["mine"]
    assert own == 1


def test_a_broker_that_knows_no_headers_gets_none():
    assert run("say(kafka.send('orders', None, None, None, (0, 10, 2)))") == [[], None]


def test_the_properties_that_a_service_gave_to_a_message_stay_as_they_are():
    _, given, sent = run(
        """
        class Properties:
            headers = None
            message_id = correlation_id = None
        given = Properties()
        span, sent = amqp.publish("", "orders", given, Properties)
        say(given.headers, list(sent.headers))
        """
    )
    assert given is None
    assert sent == ["traceparent"]


SQS = """
class Service:
    service_name = "sqs"

class Meta:
    service_model = Service

class Client:
    meta = Meta

def call(operation, parameters, answer):
    args = [Client, operation, parameters]
    leave = sqs._enter(args, {})
    inside = current_span()
    leave(answer, None)
    return args[2], inside

QUEUE = "https://sqs.eu-central-1.amazonaws.com/123/orders"
ATTRIBUTE = {"DataType": "String", "StringValue": "x"}
"""


def test_an_sqs_message_carries_what_fits_into_its_ten_attributes():
    spans, free, full, untouched = run(
        SQS
        + """
own = {str(number): ATTRIBUTE for number in range(9)}
current.set(tracer.from_headers(messaging.ConsumerSpan, *PARENT.values()))
message = {"QueueUrl": QUEUE, "MessageBody": "1", "MessageAttributes": own}
free, _ = call("SendMessage", message, {"MessageId": "m-1"})
full, _ = call("SendMessage", {**message, "MessageAttributes": {**own, "10": ATTRIBUTE}}, {})
say(sorted(free["MessageAttributes"]), len(full["MessageAttributes"]), len(own))
"""
    )
    assert free == [*map(str, range(9)), "traceparent"]
    assert (full, untouched) == (10, 9)
    assert spans[0]["messaging.message.id"] == "m-1"
    assert spans[0]["name"] == "send orders"


def test_an_sqs_message_is_seen_as_it_would_be_without_tracing():
    (span,), asked, seen, recorded = run(
        SQS
        + """
headers = {name: {"DataType": "String", "StringValue": value} for name, value in PARENT.items()}
message = {"MessageId": "m-1", "Body": "1", "MessageAttributes": headers, "MD5OfMessageAttributes": "0"}
sent, inside = call("ReceiveMessage", {"QueueUrl": QUEUE}, {"Messages": [message]})
messaging.leave(current_span())
say(sent["MessageAttributeNames"], sorted(message), inside.recording)
"""
    )
    assert asked == ["traceparent", "tracestate", "baggage"]
    assert seen == ["Body", "MessageId"]
    assert not recorded
    assert (span["trace"], span["messaging.message.id"]) == ("a" * 32, "m-1")
