"""How processes end, of themselves and by signals, with a collector and without one."""

import dataclasses

from tests.shapes.row import CLIENT, SERVER, Node, Request, Row

GUNICORN = ("gunicorn", "service:app")
WSGIREF = ("python", "service.py")
SIGNALS = ("SIGTERM", "SIGINT", "SIGQUIT")

#: Nobody listens there; somebody listens there, and never answers.
REFUSING = {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:9"}
BLACK_HOLE = {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:9318"}
#: That spans are lost is said, once for each cause.
LOST = (r"^tracing: spans are lost \((unreachable|timeout|shutdown)\): ",)


def served(name, command, **more):
    """A service."""
    requirements = ("gunicorn",) if command[0] == "gunicorn" else ()
    return Row(name, app="exits", command=command, requirements=requirements, **more)


def program(name, *command, **more):
    """A program that makes one call and ends by itself, or by what it starts."""
    more = {
        "tree": Node(CLIENT),
        "calls": 1,
        "requests": (),
        "ready": None,
        "probe": None,
        "signal": None,
        **more,
    }
    return Row(name, app="exits", command=("python", *command), **more)


def without_collector(row, *, name, environment, before=""):
    """The same row with nobody to take the spans."""
    command = f"{before}exec {' '.join(row.command)}"
    return dataclasses.replace(
        row,
        name=f"{row.name}-{name}",
        command=command,
        environment=environment,
        tree=None,
        # Without spans it is not known which calls are a program's.
        calls=row.calls if row.requests else 0,
        unstable=LOST,
    )


def cut_off(name, path, command=GUNICORN, *, status=0, **more):
    """A service whose requests end its process, or would."""
    return served(
        name,
        command,
        requests=(Request(path, status=status),),
        tree=Node(SERVER, status="ERROR", below=(Node(CLIENT),)),
        **more,
    )


ENDED_BY_SIGNALS = tuple(
    served(
        f"{name}-{signal.lower()}",
        command,
        signal=signal,
        # gunicorn's thread worker hangs now and then when it is to end at once, untraced as well: killed then (137).
        slow=(name, signal) == ("gunicorn-gthread", "SIGQUIT"),
    )
    for name, command in (
        ("gunicorn", GUNICORN),
        ("gunicorn-gthread", (*GUNICORN, "-k", "gthread")),
        ("wsgiref", WSGIREF),
    )
    for signal in SIGNALS
)
STAYING = tuple(
    program(
        f"program-{way}-{signal.lower()}",
        "killed.py",
        *(signal, "python", "staying.py", way),
        # Where KeyboardInterrupt meets it is chance.
        unstable=(r"^  ",) if signal == "SIGINT" else (),
    )
    for way in ("asleep", "busy", "in-c")
    for signal in SIGNALS
    # Python's own handler of SIGINT is not run in C either.
    if (way, signal) != ("in-c", "SIGINT")
)
ENDING = tuple(
    program(f"program-{way}", "ending.py", way)
    for way in (
        "exit",
        "exit-with-a-text",
        "exit-at-once",
        "exception",
        "replaced",
        "terminates-its-children",
    )
)

ROWS: tuple[Row, ...] = (
    *ENDED_BY_SIGNALS,
    *STAYING,
    *ENDING,
    program("program-forks-with-warnings", "-W", "always", "ending.py", "fork-with-warnings"),
    program("exception-at-import", "-m", "gunicorn", "broken:app", requirements=("gunicorn",)),
    cut_off("exit-in-a-request", "/exit/{n}", status=500),
    cut_off(
        "exit-at-once-in-a-request",
        "/exit-at-once/{n}",
        # Whether the last worker's successor is there when the signal comes is chance.
        unstable=(r"Booting worker", r"Worker exiting", r"exited with code"),
    ),
    cut_off("worker-timeout", "/hang/{n}", (*GUNICORN, "-t", "1"), status=500, slow=True),
    *(
        without_collector(row, name=name, **how)
        for name, how in (
            ("collector-refusing", {"environment": REFUSING}),
            ("black-hole", {"environment": BLACK_HOLE, "before": "python hole.py 9318 & "}),
        )
        for row in (*ENDED_BY_SIGNALS[::3], *ENDING[:4])
    ),
)
