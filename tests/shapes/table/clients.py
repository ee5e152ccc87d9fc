"""Outgoing calls: each client library, and what becomes of redirects, retries, errors and headers."""

from tests.shapes.row import CLIENT, SERVER, Node, Request, Row

GUNICORN = ("gunicorn", "-k", "gthread", "app:app")


def call(status=200, resends=None, **attributes):
    """One attempt."""
    return Node(
        CLIENT,
        name="GET",
        attributes={
            "http.request.method": "GET",
            "http.response.status_code": status,
            "http.request.resend_count": resends,
            "network.protocol.version": "1.1",
            **attributes,
        },
        status="ERROR" if status >= 400 else "UNSET",
    )


def tree(*calls):
    return Node(SERVER, status="UNSET", below=calls)


def to_item(value):
    return isinstance(value, str) and "/item/" in value


REFUSED = Node(
    CLIENT,
    name="GET",
    attributes={
        "url.full": "http://127.0.0.1:9/",
        "error.type": lambda value: value is not None,
        "http.response.status_code": None,
    },
    status="ERROR",
)
OWN_HEADERS = {"CALL_WITH_OWN_HEADERS": "1"}


def blocking(name, client, *requirements, command=GUNICORN, environment=(), **kwargs):
    return Row(
        name,
        app="clients_app",
        command=command,
        requirements=("gunicorn", *requirements),
        environment={"CALL_WITH": client, **dict(environment)},
        **{"tree": tree(call(**{"url.full": to_item})), **kwargs},
    )


def asynchronous(name, client, *requirements, environment=(), **kwargs):
    return Row(
        name,
        app="clients_app",
        command=("python", "async_app.py"),
        requirements=("aiohttp", *requirements),
        environment={"CALL_WITH": client, **dict(environment)},
        **{"tree": tree(call(**{"url.full": to_item})), **kwargs},
    )


# By name: how to make a row, the client, and its requirements.
CLIENTS = {
    "urllib": (blocking, "urllib", ()),
    "urllib3": (blocking, "urllib3", ("urllib3>=2",)),
    "requests": (blocking, "requests", ("requests",)),
    "httpx": (blocking, "httpx", ("httpx",)),
    "httpx-async": (asynchronous, "httpx", ("httpx",)),
    "aiohttp": (asynchronous, "aiohttp", ()),
    "tornado": (asynchronous, "tornado", ("tornado",)),
}


REDIRECTED = tree(call(302), call(302, 1), call(200, 2, **{"url.full": to_item}))


# By name: server, front, requirements, how the front is started.
GRPC = {
    "grpc": ("server", ("grpcio", "gunicorn"), "gunicorn -k gthread front:app"),
    "grpc-aio": ("aio_server", ("grpcio", "aiohttp"), "python aio_front.py"),
}


def grpc(name, method, *, code=0, server_fails=False):
    server, requirements, front = GRPC[name]
    attributes = {"rpc.method": method, "rpc.grpc.status_code": code}
    served = Node(
        SERVER,
        name=f"company.Shop/{method}",
        attributes=attributes,
        status="ERROR" if server_fails else "UNSET",
        below=(Node(CLIENT, name="GET"),),
    )
    called = Node(
        CLIENT,
        name=f"company.Shop/{method}",
        attributes={**attributes, "server.address": "127.0.0.1", "server.port": 50051},
        status="ERROR" if code else "UNSET",
        below=(served,),
    )
    return Row(
        f"{name}-{method.lower()}",
        app="grpc_app",
        command=f"trap : TERM; python {server}.py & {front} & wait; wait",
        requirements=requirements,
        requests=(Request(f"/{method}/{{n}}"),),
        tree=Node(SERVER, below=(called,)),
    )


ROWS: tuple[Row, ...] = (
    *(
        row
        for name in GRPC
        for row in (
            grpc(name, "Streamed"),
            grpc(name, "Collected"),
            grpc(name, "Chatted"),
            grpc(name, "Missing", code=5),
            grpc(name, "Broken", code=2, server_fails=True),
        )
    ),
    blocking("http.client", "http_client"),
    blocking("urllib3-1.26", "urllib3", "urllib3==1.26.5"),
    blocking("requests-2.25", "requests", "requests==2.25.1", "urllib3==1.26.5"),
    blocking("httpx-0.24", "httpx", "httpx==0.24.1", slow=True),
    asynchronous("aiohttp-3.9", "aiohttp", "aiohttp==3.9.5", slow=True),
    asynchronous("tornado-6.1", "tornado", "tornado==6.1", slow=True),
    asynchronous("tornado-curl", "tornado_curl", "tornado", "pycurl"),
    blocking(
        "httpx-http2",
        "httpx_http2",
        "httpx[http2]",
        "hypercorn",
        command="OTEL_SDK_DISABLED=true python -m hypercorn --bind 127.0.0.1:9000 http2_server:app 2>/dev/null & "
        "exec gunicorn -k gthread app:app",
        tree=tree(call(**{"network.protocol.version": "2"})),
    ),
    blocking(
        "botocore",
        "botocore",
        "botocore",
        # Its user agent has a set in it.
        environment={"PYTHONHASHSEED": "0"},
        tree=tree(
            Node(CLIENT, name="POST", attributes={"http.request.body.size": 55}),
            Node(CLIENT, name="GET", attributes={"http.response.status_code": 200}),
        ),
        calls=2,
    ),
    *(make(name, client, *requirements) for name, (make, client, requirements) in CLIENTS.items()),
    *(
        make(
            f"{name}-redirects",
            client,
            *requirements,
            requests=(Request("/call/redirect/1"),),
            tree=REDIRECTED,
            calls=3,
        )
        for name, (make, client, requirements) in CLIENTS.items()
    ),
    *(
        make(
            f"{name}-refused",
            client,
            *requirements,
            requests=(Request("/refused"),),
            # urllib3 is told to try again three times.
            tree=tree(*[REFUSED] * (4 if name == "urllib3" else 1)),
            calls=0,
        )
        for name, (make, client, requirements) in CLIENTS.items()
    ),
    *(
        make(
            f"{name}-answered-404",
            client,
            *requirements,
            requests=(Request("/call/status/404"),),
            tree=tree(call(404, **{"error.type": "404"})),
        )
        for name, (make, client, requirements) in CLIENTS.items()
    ),
    *(
        make(
            f"{name}-own-headers",
            client,
            *requirements,
            "opentelemetry-api",
            environment=OWN_HEADERS,
        )
        for name, (make, client, requirements) in CLIENTS.items()
    ),
    *(
        asynchronous(
            f"{name}-many-at-once",
            client,
            *requirements,
            requests=(Request("/many/{n}"),),
            tree=tree(call(), call()),
            calls=2,
        )
        for name, client, requirements in (
            ("httpx-async", "httpx", ("httpx",)),
            ("aiohttp", "aiohttp", ()),
            ("tornado", "tornado", ("tornado",)),
        )
    ),
    blocking(
        "urllib3-retries",
        "urllib3",
        "urllib3>=2",
        requests=(Request("/call/flaky/{n}/1"),),
        tree=tree(call(503), call(200, 1)),
        calls=2,
    ),
    *(
        blocking(
            f"{client}-proxy",
            client,
            client,
            environment={"CALL_BY_PROXY": "1"},
            tree=tree(call(**{"url.full": "http://shop.invalid/item/{n}", "server.address": "shop.invalid"})),
        )
        for client in ("requests", "httpx", "urllib3")
    ),
)
