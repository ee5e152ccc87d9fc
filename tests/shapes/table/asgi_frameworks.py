"""ASGI frameworks under uvicorn: the route's name, and what each does with an exception."""

from tests.shapes.row import CLIENT, SERVER, Node, Request, Row

UVICORN = ("--host", "0.0.0.0", "--port", "8000")
CALLED = (Node(CLIENT),)


def named(route, *, method="GET", status=200, **more):
    """The span of a request that the framework found this route for, with its one call."""
    return Node(
        SERVER,
        name=f"{method} {route}",
        attributes={"http.route": route, "http.response.status_code": status},
        status="UNSET",
        below=CALLED,
        **more,
    )


def failed(route):
    return Node(
        SERVER,
        name=f"GET {route}",
        attributes={"http.route": route, "http.response.status_code": 500, "error.type": "LookupError"},
        status="ERROR",
        below=CALLED,
    )


def framework(module, requirements, cases, *, name=None, command=None, **more):
    """A row for each case: by the row's suffix, the path that is asked for and the node that it leaves."""
    for suffix, (path, node) in cases.items():
        websocket = node.attributes["http.response.status_code"] == 101
        yield Row(
            f"{name or module}{suffix}",
            app="asgi",
            command=command or ("uvicorn", f"{module}_app:app", *UVICORN),
            requirements=(*requirements, *(("websockets",) if websocket and command is None else ())),
            requests=(
                Request(path, websocket=websocket, status=node.attributes["http.response.status_code"]),
            ),
            tree=node,
            **more,
        )


STARLETTE = {
    "": ("/work/{n}", named("/work/{number}")),
    "-thread": ("/thread/{n}", named("/thread/{number}")),
    "-mounts": ("/shop/main/items/{n}", named("/shop/{shop}/items/{number}")),
    "-exception": ("/raise/{n}", failed("/raise/{number}")),
    "-handled": ("/refuse/{n}", named("/refuse/{number}", status=422)),
    "-stream": ("/stream/{n}", named("/stream/{number}")),
    "-background": ("/later/{n}", named("/later/{number}")),
    "-websocket": ("/echo/{n}", named("/echo/{number}", status=101)),
}
FASTAPI = {
    "": ("/work/{n}", named("/work/{number}")),
    "-thread": ("/thread/{n}", named("/thread/{number}")),
    "-depends": ("/depends/{n}", named("/depends/{number}")),
    "-router": ("/shop/main/items/{n}/stock", named("/shop/{shop}/items/{number}/stock")),
    "-mounted": ("/mounted/work/{n}", named("/mounted/work/{number}")),
    "-exception": ("/raise/{n}", failed("/raise/{number}")),
    "-missing": ("/missing/{n}", named("/missing/{number}", status=404)),
    "-background": ("/later/{n}", named("/later/{number}")),
    "-websocket": ("/shop/main/items/{n}/echo", named("/shop/{shop}/items/{number}/echo", status=101)),
}
QUART = {
    "": ("/work/{n}", named("/work/<int:n>")),
    "-blueprint": ("/shop/main/items/{n}", named("/shop/<shop>/items/<n>")),
    "-exception": ("/raise/{n}", failed("/raise/<n>")),
    "-stream": ("/stream/{n}", named("/stream/<n>")),
    "-websocket": ("/echo/{n}", named("/echo/<n>", status=101)),
}
LITESTAR = {
    "": ("/work/{n}", named("/work/{number}")),
    "-thread": ("/thread/{n}", named("/thread/{number}")),
    "-router": ("/shop/main/work/{n}", named("/shop/{shop}/work/{number}")),
    "-exception": ("/raise/{n}", failed("/raise/{number}")),
    "-websocket": ("/echo/{n}", named("/echo/{number}", status=101)),
}
FALCON = {
    "": ("/work/{n}", named("/work/{number:int}")),
    "-exception": ("/raise/{n}", failed("/raise/{number}")),
    "-websocket": ("/echo/{n}", named("/echo/{number}", status=101)),
}
SANIC = {
    "": ("/work/{n}", named("/work/<n:int>")),
    "-blueprint": ("/shop/main/items/{n}", named("/shop/<shop:str>/items/<n:str>")),
    "-exception": ("/raise/{n}", failed("/raise/<n:str>")),
    "-stream": ("/stream/{n}", named("/stream/<n:str>")),
    "-websocket": ("/echo/{n}", named("/echo/<n:str>", status=101)),
}
DJANGO = {
    "": ("/work/{n}", named("/work/<int:n>")),
    "-thread": ("/thread/{n}", named("/thread/<int:n>")),
    "-include": ("/shop/main/items/{n}", named("/shop/<shop>/items/<int:n>")),
    "-exception": ("/raise/{n}", failed("/raise/<n>")),
    "-stream": ("/stream/{n}", named("/stream/<n>")),
}

ROWS: tuple[Row, ...] = (
    *framework("starlette", ("starlette", "uvicorn"), STARLETTE),
    *framework("fastapi", ("fastapi", "uvicorn"), FASTAPI),
    # From before pydantic 2 and anyio. Its WebSockets do not know an included router's prefix.
    *framework(
        "fastapi",
        ("fastapi==0.68.2", "pydantic<2", "uvicorn"),
        {suffix: case for suffix, case in FASTAPI.items() if suffix != "-websocket"},
        name="fastapi-0.68",
    ),
    # The last one whose included routers are copies of their routes, without native telemetry.
    *framework(
        "fastapi", ("fastapi==0.115.*", "uvicorn"), {"-router": FASTAPI["-router"]}, name="fastapi-0.115"
    ),
    *framework("quart", ("quart", "uvicorn"), QUART),
    *framework("litestar", ("litestar", "uvicorn"), LITESTAR),
    *framework("falcon", ("falcon", "uvicorn"), FALCON, name="falcon-asgi"),
    *framework("sanic", ("sanic", "uvicorn"), SANIC, name="sanic-uvicorn"),
    *framework(
        "sanic",
        ("sanic",),
        SANIC,
        name="sanic",
        command=("sanic", "sanic_app:app", "--single-process", *UVICORN),
        # Logged when the client has left, which may be after the signal.
        unstable=(r"INFO: connection closed$",),
    ),
    *framework("django", ("django==4.2.*", "uvicorn"), DJANGO, name="django-4.2-asgi"),
    *framework("django", ("django==5.2.*", "uvicorn"), DJANGO, name="django-5.2-asgi"),
)
