from tests.shapes.row import Row

GUNICORN = ("flask", "gunicorn")

ROWS: tuple[Row, ...] = (
    Row("gunicorn-sync", app="flask_app", command=("gunicorn", "app:app"), requirements=GUNICORN),
    Row(
        "gunicorn-gthread",
        app="flask_app",
        command=("gunicorn", "-k", "gthread", "--threads", "4", "app:app"),
        requirements=GUNICORN,
    ),
    Row(
        "flask-run",
        app="flask_app",
        command=("flask", "run", "--host", "0.0.0.0", "--port", "8000"),
        requirements=("flask",),
    ),
)
