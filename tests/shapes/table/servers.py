from tests.shapes.row import Row
from tests.shapes.table import wsgi_servers

ROWS: tuple[Row, ...] = (
    *wsgi_servers.ROWS,
    Row(
        "flask-run",
        app="flask_app",
        command=("flask", "run", "--host", "0.0.0.0", "--port", "8000"),
        requirements=("flask",),
    ),
)
