"""Where a request's work is done, if not in its own thread; and programs that serve no requests."""

from tests.shapes.row import CLIENT, INTERNAL, Node, Row

THREADS = (
    "thread-pool-submit",
    "thread-pool-map",
    "thread-pool-kept",
    "thread",
    "timer",
    "threads-of-multiprocessing",
    "run-in-executor",
    "to-thread",
    "task",
    "gather",
    "loop-in-a-thread",
)
PROCESSES = tuple(
    f"{name}-{method}"
    for name in ("process", "process-that-leaves", "pool-left-by-with", "pool-closed", "executor")
    for method in ("fork", "forkserver", "spawn")
)
CHILDREN = (
    "process-executor-kept",
    "subprocess-run",
    "subprocess-with-its-own-environment",
    "subprocess-through-a-shell",
    "subprocess-of-asyncio",
    "posix-spawn",
    "fork",
    "fork-and-exec",
    "daemon",
)


def row(way, **more):
    """A service that makes its calls in one of the ways of apps/concurrent/ways.py."""
    return Row(
        way,
        app="concurrent",
        command=("gunicorn", "service:app"),
        requirements=("gunicorn",),
        environment={"WAY": way},
        **more,
    )


def job(name, *, tree, calls, **environment):
    """A program that ends by itself."""
    return Row(
        name,
        app="concurrent",
        command=("python", "job.py"),
        requests=(),
        ready=None,
        probe=None,
        signal=None,
        tree=tree,
        calls=calls,
        environment=environment,
    )


ROWS: tuple[Row, ...] = (
    *map(row, THREADS),
    *map(row, PROCESSES),
    *map(row, CHILDREN),
    # Without a span of the run, each of its calls begins a trace.
    job("script", tree=Node(CLIENT), calls=1),
    job(
        "script-with-a-span",
        tree=Node(INTERNAL, name="job.py", below=(Node(CLIENT), Node(CLIENT))),
        calls=2,
        TRACING_BOOTSTRAP_SCRIPT_SPAN="true",
    ),
)
