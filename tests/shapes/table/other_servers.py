from tests.shapes.row import CLIENT, SERVER, Node, Request, Row


def _grpc(server, *more, command):
    call = Node(
        CLIENT,
        name="company.Shop/Unary",
        attributes={"rpc.system": "grpc", "rpc.service": "company.Shop", "rpc.grpc.status_code": 0},
        below=(
            Node(
                SERVER,
                name="company.Shop/Unary",
                attributes={
                    "rpc.service": "company.Shop",
                    "rpc.method": "Unary",
                    "rpc.grpc.status_code": 0,
                    "network.peer.address": "127.0.0.1",
                },
                below=(Node(CLIENT, name="GET"),),
            ),
        ),
    )
    return {
        "app": "grpc_app",
        # Both are told to end, and both are waited for.
        "command": f"trap : TERM; python {server}.py & {command} & wait; wait",
        "requirements": ("grpcio", *more),
        "tree": Node(SERVER, below=(call,)),
    }


ROWS: tuple[Row, ...] = (
    Row("aiohttp", app="aiohttp_app", command=("python", "app.py"), requirements=("aiohttp",)),
    *(
        Row(
            f"aiohttp-{started_by}",
            app="aiohttp_app",
            command=("python", "app.py"),
            requirements=("aiohttp",),
            environment={"STARTED_BY": started_by},
        )
        for started_by in ("runner", "server")
    ),
    Row(
        "aiohttp-gunicorn",
        app="aiohttp_app",
        command=("gunicorn", "-k", "aiohttp.GunicornWebWorker", "app:app"),
        requirements=("aiohttp", "gunicorn"),
    ),
    Row(
        "aiohttp-gunicorn-uvloop",
        app="aiohttp_app",
        command=("gunicorn", "-k", "aiohttp.GunicornUVLoopWebWorker", "--preload", "app:app"),
        requirements=("aiohttp", "gunicorn", "uvloop"),
    ),
    Row(
        "aiohttp-websocket",
        app="aiohttp_app",
        command=("python", "app.py"),
        requirements=("aiohttp",),
        requests=(Request("/chat/{n}", websocket=True, status=101),),
    ),
    *(
        Row(
            f"tornado-{served_as}",
            app="tornado_app",
            command=("python", "app.py"),
            requirements=("tornado",),
            environment={"SERVED_AS": served_as},
        )
        for served_as in ("handlers", "callback", "wsgi", "prefork")
    ),
    Row(
        "tornado-websocket",
        app="tornado_app",
        command=("python", "app.py"),
        requirements=("tornado",),
        requests=(Request("/chat/{n}", websocket=True, status=101),),
    ),
    Row(
        "tornado-6.1",
        app="tornado_app",
        command=("python", "app.py"),
        requirements=("tornado==6.1",),
        slow=True,
    ),
    Row(
        "aiohttp-3.9",
        app="aiohttp_app",
        command=("python", "app.py"),
        requirements=("aiohttp==3.9.5",),
        slow=True,
    ),
    Row("grpc", **_grpc("server", "gunicorn", command="gunicorn -k gthread front:app")),
    Row("grpc-aio", **_grpc("aio_server", "aiohttp", command="python aio_front.py")),
    Row(
        "grpc-1.66",
        **_grpc("server", "gunicorn", command="gunicorn -k gthread front:app")
        | {"requirements": ("grpcio==1.66.2", "gunicorn")},
        slow=True,
    ),
)
