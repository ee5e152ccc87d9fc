"""ASGI servers; the application is written by hand, so that nothing but the server can have made the spans."""

import dataclasses

from tests.shapes.row import CLIENT, SERVER, Node, Request, Row

BIND = ("--host", "0.0.0.0", "--port", "8000")
STANDARD = ("uvicorn[standard]",)
CALLED = (Node(CLIENT),)

#: What an ASGI server's span says that no framework helps with.
PLAIN = Node(
    SERVER,
    name="GET",
    attributes={
        "http.request.method": "GET",
        "url.path": "/work/{n}",
        "url.scheme": "http",
        "http.response.status_code": 200,
        "server.port": 8000,
        "network.protocol.version": "1.1",
        "client.address": bool,
        "http.response.body.size": bool,
    },
    status="UNSET",
    below=CALLED,
)


def raised(status):
    """What is left of a request whose application raised."""
    return Node(
        SERVER,
        attributes={"http.response.status_code": status, "error.type": "LookupError"},
        status="ERROR",
        below=CALLED,
    )


def posted(**attributes):
    return Node(SERVER, name="POST", attributes=attributes, status="UNSET", below=CALLED)


#: By a row's suffix: what is sent, and what it leaves.
CASES = {
    "": (Request(), PLAIN),
    "-post": (Request("/post/{n}", method="POST", body=b"a body"), posted(**{"http.request.body.size": 6})),
    "-chunked": (Request("/post/{n}", method="POST", body=b"a body", chunked=True), posted()),
    "-head": (
        Request("/work/{n}", method="HEAD"),
        Node(SERVER, name="HEAD", attributes={"http.response.body.size": None}, below=CALLED),
    ),
    "-stream": (
        Request("/stream/{n}"),
        Node(SERVER, attributes={"http.response.body.size": 10}, status="UNSET", below=CALLED),
    ),
    "-exception": (Request("/raise/{n}", status=500), raised(500)),
    "-broken-stream": (Request("/broken/{n}", status=0), raised(200)),
    "-websocket": (
        Request("/echo/{n}", websocket=True, status=101),
        Node(
            SERVER,
            name="GET",
            attributes={"http.response.status_code": 101, "url.scheme": "ws", "url.path": "/echo/{n}"},
            status="UNSET",
            below=CALLED,
        ),
    ),
}


def served(name, command, requirements, *, case="", workers=1, headers=None, **more):
    """A row; with several workers, requests are sent once all of them have started."""
    request, tree = CASES[case]
    if headers:
        request = dataclasses.replace(request, headers=headers)
    if workers > 1:
        more["ready"] = "/ready"
    return Row(
        name + case,
        app="asgi",
        command=tuple(command),
        requirements=requirements,
        requests=(request,),
        tree=tree,
        environment={"WORKERS": str(workers)},
        **more,
    )


def uvicorn(name, *options, requirements=("uvicorn",), **more):
    return served(name, ("uvicorn", "bare:app", *BIND, *options), requirements, **more)


def gunicorn(name, *options, worker, requirements, **more):
    return served(name, ("gunicorn", "-k", worker, *options, "bare:app"), ("gunicorn", *requirements), **more)


def hypercorn(name, *options, app="bare:app", requirements=("hypercorn",), **more):
    return served(name, ("hypercorn", "--bind", "0.0.0.0:8000", *options, app), requirements, **more)


def daphne(case):
    return served("daphne", ("daphne", "-b", "0.0.0.0", "-p", "8000", "bare:app"), ("daphne",), case=case)


def granian(interface, *options, name="", **more):
    app = "wsgi:app" if interface == "wsgi" else "bare:app"
    command = ("granian", "--interface", interface, *BIND, *options, app)
    return served(f"granian-{interface}{name}", command, ("granian",), **more)


#: A worker that has served its last request is replaced by the clock: when, and after how many more, is by chance.
RECYCLED = {"headers": {"Connection": "close"}, "unstable": (r"\[INFO\]",)}

#: By the row's name: gunicorn's worker class, and what it needs.
WORKERS = {
    "gunicorn-asgi": ("asgi", ()),
    "gunicorn-asgi-uvloop": ("asgi", ("uvloop",)),
    "gunicorn-uvicorn": ("uvicorn.workers.UvicornWorker", ("uvicorn",)),
    "gunicorn-uvicorn-worker": ("uvicorn_worker.UvicornWorker", ("uvicorn-worker",)),
}

ROWS: tuple[Row, ...] = (
    *(uvicorn("uvicorn", case=case) for case in CASES if case != "-websocket"),
    uvicorn("uvicorn-httptools-uvloop", "--http", "httptools", "--loop", "uvloop", requirements=STANDARD),
    uvicorn("uvicorn-h11-asyncio", "--http", "h11", "--loop", "asyncio", requirements=STANDARD),
    # The supervisor looks twice a second: by then the workers, which got the signal as well, may be gone.
    uvicorn("uvicorn-workers", "--workers", "2", workers=2, unstable=("Terminated child process",)),
    uvicorn("uvicorn-reload", "--reload"),
    uvicorn("uvicorn-sigint", signal="SIGINT"),
    *(
        uvicorn(f"uvicorn-{kind}", "--ws", kind, requirements=("uvicorn", package), case="-websocket")
        for kind, package in (
            ("websockets", "websockets"),
            ("websockets-sansio", "websockets"),
            ("wsproto", "wsproto"),
        )
    ),
    # The signals of versions that do not raise theirs again at the end, and of the first that do.
    *(
        uvicorn(f"uvicorn-{version}", requirements=(f"uvicorn=={version}",))
        for version in ("0.15.0", "0.28.1", "0.29.0")
    ),
    *(
        gunicorn(
            f"{name}{suffix}", *options, worker=worker, requirements=requirements, workers=workers, **more
        )
        for name, (worker, requirements) in WORKERS.items()
        for suffix, options, workers, more in (
            ("", ("--workers", "2"), 2, {}),
            ("-preload", ("--preload", "--workers", "2"), 2, {}),
            ("-max-requests", ("--max-requests", "2", "--workers", "1"), 1, RECYCLED),
        )
    ),
    *(hypercorn("hypercorn", case=case) for case in ("", "-stream", "-exception", "-websocket")),
    hypercorn("hypercorn-workers", "--workers", "2", workers=2),
    hypercorn("hypercorn-in-process", "--workers", "0"),
    hypercorn("hypercorn-uvloop", "-k", "uvloop", requirements=("hypercorn[uvloop]",)),
    hypercorn("hypercorn-trio", "-k", "trio", app="bare_trio:app", requirements=("hypercorn[trio]",)),
    hypercorn("hypercorn-wsgi", app="wsgi:wsgi:app"),
    *(daphne(case) for case in ("", "-stream", "-exception", "-websocket")),
    *(granian("asgi", case=case) for case in ("", "-stream", "-exception", "-websocket")),
    *(granian("wsgi", case=case) for case in ("", "-stream", "-exception")),
    granian("asgi", "--workers", "2", name="-workers", workers=2),
    granian("wsgi", "--workers", "2", name="-workers"),
)
