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


def row(way, *command):
    """A service that makes its calls in one of the ways of apps/concurrent/ways.py."""
    command = command or ("gunicorn", "service:app")
    return Row(
        way,
        app="concurrent",
        command=command,
        requirements=("gunicorn",) if command[0] == "gunicorn" else (),
        environment={"WAY": way},
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
    # Not under gunicorn: a process forked by its worker inherits the worker's handler of SIGTERM, so that a pool
    # cannot always terminate its own, and hangs, traced or not.
    *(row(way, "python", "service.py") for way in PROCESSES),
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
