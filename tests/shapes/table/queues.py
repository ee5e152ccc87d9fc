"""Queues: a service sends, a worker handles; one tree from the request to the call that the worker makes."""

from tests.shapes.row import CLIENT, CONSUMER, PRODUCER, SERVER, Node, Row

PRODUCER_COMMAND = ("gunicorn", "--bind=0.0.0.0:8000", "app:app")
FLASK = ("flask", "gunicorn")

CALL = Node(CLIENT)


def sent(name, system, *below, destination="orders", handled=None, **attributes):
    """A message that was sent, and the span of the one who handled it."""
    common = {"messaging.system": system, "messaging.destination.name": destination}
    return Node(
        PRODUCER,
        f"send {name}",
        {**common, "messaging.operation.type": "send", **attributes},
        below=(
            Node(
                CONSUMER,
                f"process {handled or name}",
                {**common, "messaging.operation.type": "process"},
                below=below,
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


# Celery
REDIS = {"BROKER": "redis://redis:6379/0"}


def task(name, *below):
    return sent(f"with_celery.{name}", "celery", *below, destination="celery")


def celery(name, *arguments, tree=None, environment=None, requirements=("celery[redis]",), late=False, **more):
    """`late`: no batch of the worker's leaves before its process ends."""
    command = ("celery", "-A", "with_celery", "worker", *arguments)
    return row(
        f"celery-{name}",
        "with_celery",
        ("env", "OTEL_BSP_SCHEDULE_DELAY=60000", *command) if late else command,
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

ROWS = (*CELERY,)
