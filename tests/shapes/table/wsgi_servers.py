"""The servers of WSGI applications, and the ways in which a hand-written one answers. In the group `servers`."""

from tests.shapes.row import CLIENT, SERVER, Node, Request, Row

# One worker: a second that is still starting when SIGTERM comes does not hear it (between its fork and its signal
# handlers), and gunicorn then waits 30 s for it, traced or not. One that has answered hears it.
_GUNICORN = ("gunicorn", "--workers", "1")

# gunicorn's gevent worker imports `packaging` and does not require it.
_GEVENT = ("gevent", "packaging")

_NEEDED = {
    "sync": (),
    "gthread": (),
    "gevent": _GEVENT,
    "gevent_pywsgi": _GEVENT,
    "eventlet": ("eventlet",),
    "tornado": ("tornado",),
}

_OPTIONS = {
    "": (),
    "-preload": ("--preload",),
    # Three and not two: with those for readiness and for the probe, eight requests come. A worker that the last of
    # them ended would be followed by one that is starting when SIGTERM comes.
    "-max-requests": ("--max-requests", "3"),
}

# Up to 20.1 gunicorn imports pkg_resources. Its eventlet worker, gone since 25, needs in 20.1 an eventlet that runs
# on no Python since 3.10.
_OLDER = {
    "20.1": (("gunicorn==20.1.0", "setuptools<81"), ("sync", "gthread", "gevent")),
    "21": (("gunicorn==21.2.0",), ("sync", "gthread", "gevent", "eventlet")),
    "23": (("gunicorn==23.0.0",), ("sync", "gthread", "gevent", "eventlet")),
}


def _more_than_nothing(size: object) -> bool:
    return isinstance(size, int) and size > 0


def _server(*, status: int = 200, method: str = "GET", error: str | None = None, size: object = None) -> Node:
    """The span of a request to the hand-written application; `size` None: the server does not tell."""
    return Node(
        SERVER,
        method,
        {
            "http.route": None,
            "http.response.status_code": status,
            "http.response.body.size": size,
            "error.type": error,
        },
        status="ERROR" if error else "UNSET",
        below=(Node(CLIENT, "GET"),),
    )


_TOLD = _server(size=_more_than_nothing)


_RECYCLED = (r"\[INFO\] (Booting worker|Worker exiting|Autorestarting worker)",)


def _gunicorn(
    name: str, *, worker: str, packages: tuple[str, ...] = ("gunicorn",), options: tuple[str, ...] = ()
) -> Row:
    return Row(
        name,
        app="wsgi",
        command=(*_GUNICORN, "--worker-class", worker, *options, "app:app"),
        requirements=(*packages, *_NEEDED[worker]),
        tree=_TOLD,
        # How many workers it takes depends on which of them is still there for the next request.
        unstable=_RECYCLED if "--max-requests" in options else (),
    )


def _by_itself(server: str, *, tree: Node = _TOLD, requirements: tuple[str, ...] = ()) -> Row:
    return Row(
        server, app="wsgi", command=("python", "serve.py", server), requirements=requirements, tree=tree
    )


def _way(
    name: str,
    *,
    tree: Node = _TOLD,
    request: Request,
    server: str = "gunicorn",
    unstable: tuple[str, ...] = (),
) -> Row:
    """One way of asking, or of answering."""
    gunicorn = server == "gunicorn"
    return Row(
        f"wsgi-{name}" if gunicorn else f"{server}-{name}",
        app="wsgi",
        command=(*_GUNICORN, "app:app") if gunicorn else ("python", "serve.py", server),
        requirements=() if server == "wsgiref" else (server,),
        requests=(request,),
        tree=tree,
        unstable=unstable,
    )


_FAILED = _server(status=500, error="RuntimeError", size=_more_than_nothing)
# gunicorn writes the page for an error by itself, past its count of what was sent.
_FAILED_UNTOLD = _server(status=500, error="RuntimeError")
_BROKEN = _server(error="RuntimeError", size=_more_than_nothing)
_BROKEN_UNTOLD = _server(error="RuntimeError")

_RAISES = Request("/raises/{n}", status=500)
# The answer breaks off: there is none for the client.
_LATE = Request("/late/{n}", status=0)


def _uwsgi(name: str, *options: str, signal: str = "SIGTERM") -> Row:
    # The wheel of it: the interpreter is then the image's own, which has no libpython for a program to embed.
    return Row(
        name,
        app="wsgi",
        # Told nothing, uWSGI takes SIGTERM for a reload and goes on.
        command=("uwsgi", "--http-socket", "0.0.0.0:8000", "--die-on-term", *options),
        requirements=("pyuwsgi",),
        tree=_TOLD,
        signal=signal,
        # A worker that has answered and not yet written its log line counts as busy; told to stop, it runs no exit
        # hook then, and loses that line and the spans that wait.
        wait_for_tree=True,
    )


_MASTER = ("--master", "--enable-threads")

ROWS: tuple[Row, ...] = (
    _uwsgi("uwsgi-prefork", *_MASTER, "--processes", "2", "--module", "app:app"),
    _uwsgi("uwsgi-lazy-apps", *_MASTER, "--lazy-apps", "--wsgi-file", "app.py", "--callable", "app"),
    _uwsgi("uwsgi-threads", *_MASTER, "--threads", "2", "--wsgi-file", "app.py", "--callable", "app"),
    _uwsgi("uwsgi-mount", *_MASTER, "--mount", "/=app:app"),
    _uwsgi("uwsgi-alone", "--module", "app:app", signal="SIGINT"),
    *(
        _gunicorn(f"gunicorn-{worker.replace('_', '-')}{suffix}", worker=worker, options=options)
        for worker in ("sync", "gthread", "gevent", "gevent_pywsgi", "tornado")
        for suffix, options in _OPTIONS.items()
        # gevent_pywsgi has no limit of requests, whatever it is told.
        if (worker, suffix) != ("gevent_pywsgi", "-max-requests")
    ),
    *(
        _gunicorn(f"gunicorn-{version}-{worker}", worker=worker, packages=packages)
        for version, (packages, workers) in _OLDER.items()
        for worker in workers
    ),
    *(
        _gunicorn(
            f"gunicorn-23-eventlet{suffix}", worker="eventlet", packages=_OLDER["23"][0], options=options
        )
        for suffix, options in _OPTIONS.items()
        if suffix
    ),
    _by_itself("waitress", requirements=("waitress",)),
    _by_itself("cheroot", requirements=("cheroot",)),
    _by_itself("gevent", requirements=("gevent",)),
    _by_itself("wsgiref"),
    _by_itself("werkzeug", requirements=("werkzeug",)),
    _way("stream", request=Request("/stream/{n}")),
    _way("write", request=Request("/write/{n}")),
    _way("file", request=Request("/file/{n}")),
    _way(
        "handled", request=Request("/handled/{n}", status=500), tree=_server(status=500, error="500", size=6)
    ),
    _way("raises", request=_RAISES, tree=_FAILED_UNTOLD),
    _way("late", request=_LATE, tree=_BROKEN),
    _way("404", request=Request("/nothing/{n}", status=404), tree=_server(status=404, size=13)),
    _way("head", request=Request(method="HEAD"), tree=_server(method="HEAD", size=0)),
    _way(
        "post",
        request=Request("/echo/{n}", method="POST", body=b"a body"),
        tree=_server(method="POST", size=6),
    ),
    _way(
        "chunked",
        request=Request("/echo/{n}", method="POST", body=b"a body in two pieces", chunked=True),
        tree=_server(method="POST", size=20),
    ),
    _way("raises", server="waitress", request=_RAISES, tree=_FAILED_UNTOLD),
    _way("late", server="waitress", request=_LATE, tree=_server(error="_OTHER")),
    _way("file", server="waitress", request=Request("/file/{n}")),
    _way("raises", server="cheroot", request=_RAISES, tree=_server(status=500, error="RuntimeError", size=0)),
    _way("late", server="cheroot", request=_LATE, tree=_BROKEN),
    _way("raises", server="gevent", request=_RAISES, tree=_FAILED),
    _way("late", server="gevent", request=_LATE, tree=_BROKEN_UNTOLD),
    _way("raises", server="wsgiref", request=_RAISES, tree=_FAILED),
    _way(
        "raises",
        server="werkzeug",
        request=_RAISES,
        tree=_FAILED,
        # It answers first and logs then: the signal after the last answer may be quicker than the log.
        unstable=("^Error on request:", "^Traceback ", "^ ", "^RuntimeError: "),
    ),
)
