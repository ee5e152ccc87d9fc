"""Which library is patched by whom: one row each, read at arming, so nothing is imported here."""

from __future__ import annotations

PACKAGE = "tracing_bootstrap.instrumentation."

#: The module whose import applies the patch; the module of ours; its function; what it brings.
ROWS = (
    ("gunicorn.http.wsgi", "gunicorn", "patch_wsgi", "server spans (sync, gthread and other WSGI workers)"),
    ("gunicorn.glogging", "gunicorn", "patch_glogging", "trace ids in the access log"),
    ("gunicorn.app.base", "gunicorn_config", "patch_app_base", "the image's gunicorn defaults and hooks"),
    ("werkzeug.serving", "werkzeug", "patch_serving", "server spans (flask run, app.run)"),
    ("wsgiref.handlers", "wsgiref", "patch_handlers", "server spans (wsgiref, Django's runserver)"),
    ("socketserver", "termination", "patch_socketserver", "last spans on SIGTERM"),
    ("flask.ctx", "flask", "patch_ctx", "http.route"),
    ("flask.app", "flask", "patch_app", "exceptions that Flask answers"),
    ("http.client", "http_client", "patch", "client spans and headers (urllib, urllib3, requests, botocore)"),
    ("logging", "logging", "patch", "trace ids on log records"),
    ("opentelemetry.context", "opentelemetry_api", "patch_context", "the API's current context is ours"),
    (
        "opentelemetry.util._importlib_metadata",
        "opentelemetry_api",
        "patch_entry_points",
        "the image's API finds its own propagators",
    ),
    ("opentelemetry.trace", "opentelemetry_api", "patch_trace", "the API's spans are ours"),
)
