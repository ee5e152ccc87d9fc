"""ASGI servers; the application is written by hand, so that nothing but the server can have made the spans."""

from tests.shapes.row import CLIENT, SERVER, Node, Request, Row

BIND = ("--host", "0.0.0.0", "--port", "8000")

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
    below=(Node(CLIENT),),
)
FAILED = Node(
    SERVER,
    attributes={"http.response.status_code": 500, "error.type": "LookupError"},
    status="ERROR",
    below=(Node(CLIENT),),
)
BROKEN = Node(
    SERVER,
    attributes={"http.response.status_code": 200, "error.type": "LookupError"},
    status="ERROR",
    below=(Node(CLIENT),),
)
CONNECTION = Node(
    SERVER,
    name="GET",
    attributes={"http.response.status_code": 101, "url.scheme": "ws", "url.path": "/echo/{n}"},
    status="UNSET",
    below=(Node(CLIENT),),
)
ECHO = Request("/echo/{n}", websocket=True, status=101)


def bare(name, *command, requirements, tree=PLAIN, **more):
    return Row(name, app="asgi", command=command, requirements=requirements, tree=tree, **more)


def uvicorn(name, *options, extra=("uvicorn",), **more):
    return bare(name, "uvicorn", "bare:app", *BIND, *options, requirements=extra, **more)


STANDARD = ("uvicorn[standard]",)

#: Of several workers one may still be starting when the signal comes: what they say then is by chance.
BOOTING = (r"^INFO:  ", r"^\[", r"^$")


def gunicorn(name, *options, worker, extra, **more):
    command = ("gunicorn", "-k", worker, *options, "bare:app")
    return bare(name, *command, requirements=("gunicorn", *extra), unstable=BOOTING, **more)


#: By the row's name: gunicorn's worker class, and what it needs.
WORKERS = {
    "gunicorn-asgi": ("asgi", ()),
    "gunicorn-asgi-uvloop": ("asgi", ("uvloop",)),
    "gunicorn-uvicorn": ("uvicorn.workers.UvicornWorker", ("uvicorn",)),
    "gunicorn-uvicorn-worker": ("uvicorn_worker.UvicornWorker", ("uvicorn-worker",)),
}

ROWS: tuple[Row, ...] = (
    uvicorn("uvicorn"),
    uvicorn("uvicorn-httptools-uvloop", "--http", "httptools", "--loop", "uvloop", extra=STANDARD),
    uvicorn("uvicorn-h11-asyncio", "--http", "h11", "--loop", "asyncio", extra=STANDARD),
    uvicorn("uvicorn-workers", "--workers", "2", unstable=BOOTING),
    uvicorn("uvicorn-reload", "--reload"),
    uvicorn("uvicorn-sigint", signal="SIGINT"),
    uvicorn(
        "uvicorn-post", requests=(Request("/post/{n}", method="POST", body=b"a body"),),
        tree=Node(SERVER, name="POST", attributes={"http.request.body.size": 6}, below=(Node(CLIENT),)),
    ),
    uvicorn(
        "uvicorn-chunked", requests=(Request("/post/{n}", method="POST", body=b"a body", chunked=True),),
        tree=Node(SERVER, name="POST", below=(Node(CLIENT),)),
    ),
    uvicorn(
        "uvicorn-head", requests=(Request("/work/{n}", method="HEAD"),),
        tree=Node(SERVER, name="HEAD", below=(Node(CLIENT),)),
    ),
    uvicorn("uvicorn-stream", requests=(Request("/stream/{n}"),),
            tree=Node(SERVER, attributes={"http.response.body.size": 10}, below=(Node(CLIENT),))),
    uvicorn("uvicorn-exception", requests=(Request("/raise/{n}", status=500),), tree=FAILED),
    uvicorn("uvicorn-broken-stream", requests=(Request("/broken/{n}", status=0),), tree=BROKEN),
    *(
        uvicorn(f"uvicorn-websocket-{kind}", "--ws", kind, extra=("uvicorn", package), requests=(ECHO,), tree=CONNECTION)
        for kind, package in (("websockets", "websockets"), ("websockets-sansio", "websockets"), ("wsproto", "wsproto"))
    ),
    # The signals of versions that do not raise theirs again at the end, and of the first that do.
    *(uvicorn(f"uvicorn-{version}", extra=(f"uvicorn=={version}",)) for version in ("0.15.0", "0.28.1", "0.29.0")),
    *(
        gunicorn(f"{name}{suffix}", *options, worker=worker, extra=extra)
        for name, (worker, extra) in WORKERS.items()
        for suffix, options in (
            ("", ()),
            ("-preload", ("--preload",)),
            ("-max-requests", ("--max-requests", "2", "--workers", "1")),
        )
    ),
    bare("hypercorn", "hypercorn", "--bind", "0.0.0.0:8000", "bare:app", requirements=("hypercorn",)),
    bare(
        "hypercorn-workers", "hypercorn", "--bind", "0.0.0.0:8000", "--workers", "2", "bare:app",
        requirements=("hypercorn",), unstable=BOOTING,
    ),
    bare("hypercorn-in-process", "hypercorn", "--bind", "0.0.0.0:8000", "--workers", "0", "bare:app",
         requirements=("hypercorn",)),
    bare("hypercorn-uvloop", "hypercorn", "-k", "uvloop", "--bind", "0.0.0.0:8000", "bare:app",
         requirements=("hypercorn[uvloop]",)),
    bare("hypercorn-trio", "hypercorn", "-k", "trio", "--bind", "0.0.0.0:8000", "bare_trio:app",
         requirements=("hypercorn[trio]",)),
    bare("hypercorn-wsgi", "hypercorn", "--bind", "0.0.0.0:8000", "wsgi:wsgi:app", requirements=("hypercorn",)),
    bare("hypercorn-websocket", "hypercorn", "--bind", "0.0.0.0:8000", "bare:app", requirements=("hypercorn",),
         requests=(ECHO,), tree=CONNECTION),
    bare("hypercorn-exception", "hypercorn", "--bind", "0.0.0.0:8000", "bare:app", requirements=("hypercorn",),
         requests=(Request("/raise/{n}", status=500),), tree=FAILED),
    bare("daphne", "daphne", "-b", "0.0.0.0", "-p", "8000", "bare:app", requirements=("daphne",)),
    bare("daphne-websocket", "daphne", "-b", "0.0.0.0", "-p", "8000", "bare:app", requirements=("daphne",),
         requests=(ECHO,), tree=CONNECTION),
    bare("daphne-exception", "daphne", "-b", "0.0.0.0", "-p", "8000", "bare:app", requirements=("daphne",),
         requests=(Request("/raise/{n}", status=500),), tree=FAILED),
)
