"""Queues: a service sends, a worker handles; one tree from the request to the call that the worker makes."""

from tests.shapes.row import CLIENT, CONSUMER, PRODUCER, SERVER, Node, Row

PRODUCER_COMMAND = ("gunicorn", "--bind=0.0.0.0:8000", "app:app")
FLASK = ("flask", "gunicorn")

CALL = Node(CLIENT)


def is_orders(destination):
    """Each run has a queue of its own, since the brokers are shared."""
    return str(destination).startswith("orders")


def sent(name, system, *below, **more):
    """A message that was sent, and the span of the one who handled it; `name` is None where the queue's is told."""
    common = {"messaging.system": system, "messaging.destination.name": is_orders}
    return Node(
        PRODUCER,
        name and f"send {name}",
        {**common, "messaging.operation.type": "send"},
        below=(
            Node(
                CONSUMER,
                name and f"process {name}",
                {**common, "messaging.operation.type": "process"},
                below=below,
                **more,
            ),
        ),
    )


def row(name, queue, worker, *, tree, requirements, environment=None, **more):
    """A Flask service that sends, and a worker."""
    return Row(
        name,
        app="queues",
        command=PRODUCER_COMMAND,
        worker=worker,
        requirements=(*FLASK, *requirements),
        environment={"QUEUE": queue, **(environment or {})},
        tree=Node(SERVER, below=(tree,)),
        wait_for_tree=True,
        **more,
    )


#: No batch of the worker's leaves before its process ends.
LATE = "env OTEL_BSP_SCHEDULE_DELAY=60000"

# Celery
REDIS = {"BROKER": "redis://redis:6379/0"}
RABBITMQ = {"BROKER": "amqp://guest:guest@rabbitmq:5672/%2F"}
BROKERS = {"redis": REDIS, "rabbitmq": RABBITMQ}


def task(name, *below):
    return sent(f"with_celery.{name}", "celery", *below)


def celery(
    name, *arguments, tree=None, environment=None, requirements=("celery[redis]",), late=False, **more
):
    command = ("celery", "-A", "with_celery", "worker", *arguments)
    return row(
        f"celery-{name}",
        "with_celery",
        (*LATE.split(), *command) if late else command,
        tree=tree or task("handle", CALL),
        requirements=requirements,
        environment={**REDIS, **(environment or {})},
        **{"beside": ("redis",), **more},
    )


CELERY = (
    celery("prefork", "--concurrency=2"),
    celery("prefork-one-task-per-child", "--concurrency=1", "--max-tasks-per-child=1", late=True),
    celery("threads", "--pool=threads", "--concurrency=2"),
    celery("gevent", "--pool=gevent", "--concurrency=2", requirements=("celery[redis]", "gevent")),
    celery("solo", "--pool=solo"),
    celery(
        "retry",
        "--pool=solo",
        environment={"HOW": "flaky"},
        tree=Node(
            PRODUCER,
            "send with_celery.flaky",
            below=(Node(CONSUMER, status="UNSET", below=(task("flaky", CALL),)),),
        ),
    ),
)


# RQ and Dramatiq
def rq(name, *command, tree=None, how="", late=False, **more):
    return row(
        f"rq-{name}",
        "with_rq",
        (
            "sh",
            "-c",
            f"exec {LATE * late} rq worker {' '.join(command)} --url $BROKER orders-$RUN",
        ),
        tree=tree or sent("work.call", "rq", CALL),
        # Whichever worker comes first does it.
        unstable=("cleaning group registries",),
        requirements=("rq",),
        environment={**REDIS, "HOW": how},
        beside=("redis",),
        **more,
    )


RQ = (
    rq("work-horse", late=True),
    rq("simple-worker", "--worker-class=rq.worker.SimpleWorker"),
    rq(
        "retry",
        how="retry",
        tree=Node(
            PRODUCER, below=(Node(CONSUMER, status="ERROR", below=(sent("with_rq.flaky", "rq", CALL),)),)
        ),
    ),
)


def dramatiq(name, *command, tree=None, how="send", broker="redis", **more):
    return row(
        f"dramatiq-{name}",
        "with_dramatiq",
        ("dramatiq", "with_dramatiq", "--processes=2", "--threads=2", *command),
        tree=tree or sent("handle", "dramatiq", CALL),
        requirements=(f"dramatiq[{broker}]",),
        # Its main process passes a signal on: its children, were they signalled too, would be killed by the second.
        docker={"entrypoint": ["tini", "--"]},
        environment={**BROKERS[broker], "HOW": how},
        beside=(broker,),
        **more,
    )


DRAMATIQ = (
    dramatiq("redis"),
    dramatiq("rabbitmq", broker="rabbitmq"),
    dramatiq("async", how="async", tree=sent("handle_async", "dramatiq", CALL)),
    dramatiq("delayed", how="delay"),
    dramatiq(
        "retry",
        how="retry",
        tree=Node(
            PRODUCER, below=(Node(CONSUMER, status="ERROR", below=(sent("handle", "dramatiq", CALL),)),)
        ),
    ),
)


# Kafka
def kafka(name, *requirements, how=None):
    """The broker listens on the loopback only, so that the consumer runs in the service's container."""
    module = f"with_{name.replace('-', '_')}"
    serve = " ".join(PRODUCER_COMMAND)
    return Row(
        f"{name}{'-headers' if how else ''}",
        app="queues",
        command=(
            "python kafka_broker.py & while [ ! -e /tmp/broker ]; do sleep 0.1; done;"
            f" python {module}.py & exec {serve}"
        ),
        requirements=(*FLASK, "confluent-kafka", *requirements),
        environment={"QUEUE": module, **({"HOW": how} if how else {})},
        tree=Node(SERVER, below=(sent("orders", "kafka", CALL),)),
        wait_for_tree=True,
    )


KAFKA = (
    kafka("confluent-kafka"),
    kafka("confluent-kafka", how="dict"),
    kafka("kafka-python", "kafka-python"),
    kafka("aiokafka", "aiokafka"),
)


# RabbitMQ
def rabbitmq(library, how, *, requirements):
    """`how`: a callback is called, messages are asked for, or come in a loop."""
    module = f"with_{library.replace('-', '_')}"
    return row(
        f"{library}-{how}",
        module,
        ("python", f"{module}.py"),
        tree=sent(None, "rabbitmq", CALL),
        requirements=requirements,
        environment={**RABBITMQ, "HOW": how},
        beside=("rabbitmq",),
    )


AMQP = (
    *(rabbitmq("pika", how, requirements=("pika",)) for how in ("callback", "get", "loop")),
    *(rabbitmq("aio-pika", how, requirements=("aio-pika",)) for how in ("callback", "get", "loop")),
)

# Amazon SQS: moto's server stands for it. Besides the messages' spans there are those of the requests.
POST = Node(CLIENT, "POST")

SQS = tuple(
    Row(
        f"sqs-{how}",
        app="queues",
        command=(
            "OTEL_SDK_DISABLED=true moto_server -p 5000 > /dev/null 2>&1 & python with_sqs.py &"
            f" exec {' '.join(PRODUCER_COMMAND)}"
        ),
        requirements=(*FLASK, "boto3", "moto[server]"),
        environment={
            "QUEUE": "with_sqs",
            "HOW": how,
            "AWS_ACCESS_KEY_ID": "nobody",
            "AWS_SECRET_ACCESS_KEY": "nothing",
            "AWS_DEFAULT_REGION": "eu-central-1",
            "AWS_ENDPOINT_URL": "http://127.0.0.1:5000",
        },
        tree=Node(
            SERVER,
            below=(
                Node(
                    PRODUCER,
                    "send orders",
                    {"messaging.system": "aws_sqs"},
                    below=(POST, Node(CONSUMER, "process orders", below=(Node(CLIENT, "GET"), POST))),
                ),
            ),
        ),
        wait_for_tree=True,
    )
    for how in ("one", "batch")
)

ROWS = (*CELERY, *RQ, *DRAMATIQ, *KAFKA, *AMQP, *SQS)
