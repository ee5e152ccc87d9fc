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

ROWS: tuple[Row, ...] = (
    uvicorn("uvicorn"),
    uvicorn("uvicorn-httptools-uvloop", "--http", "httptools", "--loop", "uvloop", extra=STANDARD),
    uvicorn("uvicorn-h11-asyncio", "--http", "h11", "--loop", "asyncio", extra=STANDARD),
    uvicorn("uvicorn-workers", "--workers", "2"),
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
)
