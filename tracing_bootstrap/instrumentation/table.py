"""Which library is patched by whom: one row each, read at arming, so nothing is imported here."""

from __future__ import annotations

PACKAGE = "tracing_bootstrap.instrumentation."

#: The module whose import applies the patch; the module of ours; its function; what it brings.
ROWS = (
    # Servers
    (
        "gunicorn.app.base",
        "servers.gunicorn_config",
        "patch_app_base",
        "the image's gunicorn defaults and hooks",
    ),
    ("gunicorn.glogging", "servers.gunicorn", "patch_glogging", "trace ids in the access log"),
    (
        "gunicorn.http.wsgi",
        "servers.gunicorn",
        "patch_wsgi",
        "server spans (sync, gthread and other WSGI workers)",
    ),
    ("werkzeug.serving", "servers.werkzeug", "patch_serving", "server spans (flask run, app.run)"),
    ("wsgiref.handlers", "servers.wsgiref", "patch_handlers", "server spans (wsgiref, Django's runserver)"),
    # Frameworks
    ("flask.app", "frameworks.flask", "patch_app", "exceptions that Flask answers"),
    ("flask.ctx", "frameworks.flask", "patch_ctx", "http.route"),
    # Clients
    (
        "http.client",
        "clients.http_client",
        "patch",
        "client spans and headers (urllib, urllib3, requests, botocore)",
    ),
    # Queues
    # Concurrency, processes and their ends
    (
        "concurrent.futures.process",
        "concurrency.processes",
        "patch_futures",
        "ProcessPoolExecutor's work in its own context",
    ),
    (
        "concurrent.futures.thread",
        "concurrency.threads",
        "patch_futures",
        "ThreadPoolExecutor's work in its own context (run_in_executor too)",
    ),
    (
        "multiprocessing.pool",
        "concurrency.processes",
        "patch_pool",
        "the work of Pool and ThreadPool in its own context",
    ),
    (
        "multiprocessing.process",
        "concurrency.processes",
        "patch_process",
        "the context in started processes",
    ),
    ("subprocess", "concurrency.children", "patch_subprocess", "TRACEPARENT in children's environments"),
    ("threading", "concurrency.threads", "patch_threading", "the context in started threads"),
    # Logs, and the OpenTelemetry API
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
