"""What is a shape: how one service is written, packaged, started and stopped, and which spans it must leave?"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping

#: How many requests each shape is sent before it is stopped; each in a trace that the client began.
REQUESTS = 6

SERVER, CLIENT, PRODUCER, CONSUMER, INTERNAL = "SERVER", "CLIENT", "PRODUCER", "CONSUMER", "INTERNAL"


@dataclasses.dataclass(frozen=True)
class Node:
    """A span that must be there, with exactly these spans below it, in any order.

    Attributes:
        kind: OpenTelemetry's span kind.
        name: The span's name; None for any.
        attributes: Attributes that it must have with these values; a value may be a predicate of the attribute
            (None where the span has none). `{n}` in a name or value is the number of the request, from 0.
        status: "UNSET", "OK" or "ERROR"; None for any.
        linked: The span is not a child but has a link to the span above it (a trace of its own is then allowed).
        scope: Name of the instrumentation scope; None for any. Spans of the skeleton have `tracing_bootstrap`.
        below: The spans whose parent (or link) this is.
    """

    kind: str
    name: str | None = None
    attributes: Mapping[str, object | Callable[[object], bool]] = dataclasses.field(default_factory=dict)
    status: str | None = None
    linked: bool = False
    scope: str | None = None
    below: tuple[Node, ...] = ()


#: What nearly every shape leaves of a request: the server's span, and the one outgoing call below it.
SERVER_AND_CLIENT = Node(SERVER, below=(Node(CLIENT),))


@dataclasses.dataclass(frozen=True)
class Request:
    """How a request is sent; `{n}` in path, header values and body is its number.

    Attributes:
        status: The answer's status that is right.
        websocket: Open a WebSocket on the path instead, say one message, wait for one answer, and close.
        chunked: Send the body in chunks, without Content-Length.
    """

    path: str = "/work/{n}"
    method: str = "GET"
    headers: Mapping[str, str] = dataclasses.field(default_factory=dict)
    body: bytes | None = None
    status: int = 200
    websocket: bool = False
    chunked: bool = False


@dataclasses.dataclass(frozen=True)
class Row:
    """One shape.

    The container has the image's environment and this: CALLEE_URL (http://host:port of a server that answers
    every call with 200 and a small JSON object, and notes the headers), PORT=8000, OTEL_* as an operator sets
    them, RUN (a word that no other run has, for names in what is shared), and the names of `beside` as hosts. `app`
    lies in /app. Other answers of the callee: callee.py.

    Attributes:
        name: Unique, in lower case, with dashes: `gunicorn-gevent-preload`. `make shapes ONLY=` looks for a
            substring of "group/name".
        app: Directory of tests/shapes/apps/; everything in it, and apps/probe.py, is put into /app.
        command: The container's command; one string is for `sh -c`.
        requirements: pip's requirement lines, installed into the image's venv. No more than the shape needs, and
            pinned where the row is about a version.
        debian: Debian packages that the service's Dockerfile installs.
        dockerfile: The service's own Dockerfile, for rows about packaging; its context is `app`. It says FROM
            company/python-service, and installs what the shape needs itself.
        worker: Command of a second container with the same files, requirements and environment (a queue's
            consumer); it is stopped with the first, after it.
        beside: Servers that the shape needs: "redis", "rabbitmq", "postgresql", "mysql", ... (beside.py).
        environment: Variables on top; None unsets one of the image.
        python: The base's Python.
        requests: What is sent REQUESTS times (each once where there are REQUESTS of them). Empty: the command is
            a program that ends by itself; it is started once with TRACEPARENT unset, and `tree` is what every
            trace that it begins must be.
        tree: What each request must leave in its trace: exactly this, nothing doubled and nothing lost. None: no
            span.
        calls: How many calls the callee must get in each request's trace.
        ready: Path that answers 200 once the service is up; it is asked without trace headers. None for no HTTP.
        probe: Path that answers `probe.facts()`; compared with and without tracing. None where it cannot be
            served.
        signal: What ends it, sent at once after the last answer; None: it ends by itself.
        wait_for_tree: Wait until all spans are there before the signal, for what works after the answer (a
            queue).
        unstable: Regular expressions of lines of stdout and stderr that differ from run to run by themselves.
        docker: More of docker's run options by the Docker SDK's names (`read_only`, `user`, `shm_size`, ...).
        slow: Only run by `make shapes`, not by `make test`.
        cannot: Why the shape cannot be run, in one sentence; it is then shown, and not run.
        group: Set by the table.
    """

    name: str
    app: str
    command: tuple[str, ...] | str
    requirements: tuple[str, ...] = ()
    debian: tuple[str, ...] = ()
    dockerfile: str = ""
    worker: tuple[str, ...] | str | None = None
    beside: tuple[str, ...] = ()
    environment: Mapping[str, str | None] = dataclasses.field(default_factory=dict)
    python: str = "3.13"
    requests: tuple[Request, ...] = (Request(),)
    tree: Node | None = SERVER_AND_CLIENT
    calls: int = 1
    ready: str | None = "/probe"
    probe: str | None = "/probe"
    signal: str | None = "SIGTERM"
    wait_for_tree: bool = False
    unstable: tuple[str, ...] = ()
    docker: Mapping[str, object] = dataclasses.field(default_factory=dict)
    slow: bool = False
    cannot: str = ""
    group: str = ""
