"""The frameworks of WSGI services: routes and failures. In the group `frameworks`."""

from tests.shapes.row import CLIENT, SERVER, Node, Request, Row

_GUNICORN = ("gunicorn", "--workers", "1", "app:app")
_PYTHON = ("python", "app.py")
_DJANGO = (*_PYTHON, "0.0.0.0:8000")


def _tree(route: str | None, *, status: int = 200, error: str | None = None, calls: int = 1) -> Node:
    return Node(
        SERVER,
        f"GET {route}" if route else "GET",
        {"http.route": route, "http.response.status_code": status, "error.type": error},
        status="ERROR" if error else "UNSET",
        below=(Node(CLIENT, "GET"),) * calls,
    )


def _rows(
    name: str,
    *,
    app: str,
    template: str,
    requirements: tuple[str, ...],
    command: tuple[str, ...] = _GUNICORN,
) -> tuple[Row, ...]:
    """The three rows of every framework: a route, one that fails, and a path that has none."""
    return (
        Row(name, app=app, command=command, requirements=requirements, tree=_tree(f"/work/{template}")),
        Row(
            f"{name}-raises",
            app=app,
            command=command,
            requirements=requirements,
            requests=(Request("/raises/{n}", status=500),),
            tree=_tree(f"/raises/{template}", status=500, error="RuntimeError"),
        ),
        Row(
            f"{name}-404",
            app=app,
            command=command,
            requirements=requirements,
            requests=(Request("/nothing/{n}", status=404),),
            tree=_tree(None, status=404, calls=0),
            calls=0,
        ),
    )


def _django(version: str) -> tuple[Row, ...]:
    requirements = (f"django=={version}.*", "gunicorn")
    command = (*_GUNICORN[:-1], "app")
    rows = _rows(
        f"django-{version}",
        app="django_app",
        template="<int:number>",
        requirements=requirements,
        command=command,
    )
    more = {
        "stream": (Request("/stream/{n}"), _tree("/stream/<int:number>")),
        "async-view": (Request("/async/{n}"), _tree("/async/<int:number>")),
        "raises-404": (Request("/missing/{n}", status=404), _tree("/missing/<int:number>", status=404)),
        "include": (Request("/below/{n}"), _tree("/below/(?P<number>\\d+)$")),
    }
    return rows + tuple(
        Row(
            f"django-{version}-{name}",
            app="django_app",
            command=command,
            requirements=requirements,
            requests=(request,),
            tree=tree,
        )
        for name, (request, tree) in more.items()
    )


def _served_by_itself(name: str, *, app: str, requirement: str, template: str, **row: object) -> Row:
    return Row(name, app=app, requirements=(requirement,), tree=_tree(f"/work/{template}"), **row)


_FLASK = "<int:number>"
_DEBUG = {"DEBUG": "1"}
_DEBUGGER = (r"Debugger PIN: .*", r".*Restarting with.*", r".*Watching for file changes.*")

ROWS: tuple[Row, ...] = (
    *_rows("flask-2", app="flask_app", template=_FLASK, requirements=("flask<3", "werkzeug<3", "gunicorn")),
    *_rows("flask-3", app="flask_app", template=_FLASK, requirements=("flask", "gunicorn")),
    Row(
        "flask-3-stream",
        app="flask_app",
        command=_GUNICORN,
        requirements=("flask", "gunicorn"),
        requests=(Request("/stream/{n}"),),
        # The generator runs when Flask has left its request's context.
        tree=_tree("/stream/<int:number>"),
    ),
    _served_by_itself(
        "flask-app-run", app="flask_app", requirement="flask", template=_FLASK, command=_PYTHON
    ),
    _served_by_itself(
        "flask-app-run-debug",
        app="flask_app",
        requirement="flask",
        template=_FLASK,
        command=_PYTHON,
        environment=_DEBUG,
        unstable=_DEBUGGER,
    ),
    _served_by_itself(
        "flask-run-debug",
        app="flask_app",
        requirement="flask",
        template=_FLASK,
        command=("flask", "run", "--debug", "--host", "0.0.0.0", "--port", "8000"),
        unstable=_DEBUGGER,
    ),
    *_django("4.2"),
    *_django("5.2"),
    _served_by_itself(
        "django-runserver",
        app="django_app",
        requirement="django",
        template="<int:number>",
        command=_DJANGO,
        environment=_DEBUG,
        unstable=_DEBUGGER,
    ),
    _served_by_itself(
        "django-runserver-noreload",
        app="django_app",
        requirement="django",
        template="<int:number>",
        command=(*_DJANGO, "--noreload"),
    ),
    *_rows("falcon", app="falcon_app", template="{number:int}", requirements=("falcon", "gunicorn")),
    *_rows(
        "pyramid",
        app="pyramid_app",
        template="{number}",
        # Its pkg_resources; newer setuptools have none.
        requirements=("pyramid", "setuptools<81", "waitress"),
        command=("waitress-serve", "--listen", "0.0.0.0:8000", "app:app"),
    ),
    *_rows("bottle", app="bottle_app", template="<number:int>", requirements=("bottle", "gunicorn")),
    Row(
        "bottle-mounted",
        app="bottle_app",
        command=_PYTHON,
        requirements=("bottle",),
        requests=(Request("/below/work/{n}"),),
        tree=_tree("/below/work/<number:int>"),
    ),
    *_rows("cherrypy", app="cherrypy_app", template="{number}", requirements=("cherrypy",), command=_PYTHON),
)
