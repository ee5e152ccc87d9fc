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

ROWS = (*CELERY, *RQ, *DRAMATIQ)
