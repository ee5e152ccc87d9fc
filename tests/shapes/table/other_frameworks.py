from tests.shapes.row import CLIENT, SERVER, Node, Request, Row

CALL = Node(CLIENT)


def _served(route, status=200, below=(CALL,)):
    return Node(
        SERVER,
        name=f"GET {route}" if route else "GET",
        attributes={
            "http.route": route or None,
            "http.response.status_code": status,
            **({"error.type": "ValueError"} if status == 500 else {}),
        },
        status="ERROR" if status == 500 else "UNSET",
        below=below,
    )


def _rows(name, routes):
    """Rows of aiohttp and tornado, servers and frameworks at once; a route by the request's first part."""
    options = {"app": f"{name}_app", "command": ("python", "app.py"), "requirements": (name,)}
    return (
        Row(f"{name}-route", **options, tree=_served(routes["work"])),
        Row(
            f"{name}-streamed",
            **options,
            requests=(Request("/streamed/{n}"),),
            tree=_served(routes["streamed"]),
        ),
        Row(
            f"{name}-broken",
            **options,
            requests=(Request("/broken/{n}", status=500),),
            tree=_served(routes["broken"], 500),
            # tornado logs an answer when it is out: the signal may be quicker.
            unstable=(r"^500 GET /broken/5 ",),
        ),
        Row(
            f"{name}-gone",
            **options,
            requests=(Request("/gone/{n}", status=410),),
            tree=_served(routes["gone"], 410),
        ),
        Row(
            f"{name}-404",
            **options,
            requests=(Request("/nowhere/{n}", status=404),),
            tree=_served("", 404, below=()),
            calls=0,
        ),
    )


ROWS: tuple[Row, ...] = (
    *_rows("aiohttp", {part: f"/{part}/{{number}}" for part in ("work", "streamed", "broken", "gone")}),
    Row(
        "aiohttp-part",
        app="aiohttp_app",
        command=("python", "app.py"),
        requirements=("aiohttp",),
        requests=(Request("/part/work/{n}"),),
        tree=_served("/part/work/{number}"),
    ),
    *_rows(
        "tornado",
        {
            "work": r"/work/(\d+)",
            "streamed": r"/streamed/(?P<number>\d+)",
            "broken": r"/broken/(\d+)",
            "gone": r"/gone/(\d+)",
        },
    ),
)
