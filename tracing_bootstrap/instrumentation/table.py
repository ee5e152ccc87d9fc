"""Which library is patched by whom: one row each, read at arming, so nothing is imported here."""

from __future__ import annotations

PACKAGE = "tracing_bootstrap.instrumentation."

#: The program that Python may be embedded in: its module is not imported by anybody (see bootstrap).
EMBEDDER = "uwsgi"

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
    ("werkzeug._reloader", "servers.reloaders", "patch_werkzeug", "last spans under a reloader"),
    ("django.utils.autoreload", "servers.reloaders", "patch_django", "last spans under a reloader"),
    ("waitress.task", "servers.waitress", "patch_task", "server spans (waitress)"),
    ("waitress.channel", "servers.waitress", "patch_channel", "the ends of waitress's spans"),
    ("waitress.server", "servers.waitress", "patch_server", "last spans on SIGTERM"),
    ("cheroot.wsgi", "servers.cheroot", "patch_wsgi", "server spans (cheroot, CherryPy)"),
    ("cheroot.server", "servers.cheroot", "patch_server", "the ends of cheroot's spans, SIGTERM"),
    ("gevent.pywsgi", "servers.gevent", "patch_pywsgi", "server spans (gevent's WSGI server)"),
    ("gevent.baseserver", "servers.gevent", "patch_baseserver", "last spans on SIGTERM"),
    ("tornado.wsgi", "servers.tornado_wsgi", "patch", "server spans (WSGI in tornado)"),
    (EMBEDDER, "servers.uwsgi", "patch", "server spans (uWSGI)"),
    ("pyuwsgi", "servers.uwsgi", "patch_pyuwsgi", "server spans (uWSGI)"),
    # Frameworks
    ("flask.app", "frameworks.flask", "patch_app", "exceptions that Flask answers"),
    ("flask.ctx", "frameworks.flask", "patch_ctx", "http.route"),
    ("django.core.handlers.base", "frameworks.django", "patch_base", "http.route"),
    (
        "django.core.handlers.exception",
        "frameworks.django",
        "patch_exception",
        "exceptions that Django answers",
    ),
    ("falcon.app", "frameworks.falcon", "patch_app", "http.route, exceptions that Falcon answers"),
    ("falcon.asgi.app", "frameworks.falcon", "patch_asgi_app", "exceptions that Falcon answers"),
    ("pyramid.urldispatch", "frameworks.pyramid", "patch_urldispatch", "http.route"),
    ("pyramid.tweens", "frameworks.pyramid", "patch_tweens", "exceptions that a Pyramid view answers"),
    ("bottle", "frameworks.bottle", "patch", "http.route, exceptions that Bottle answers"),
    ("cherrypy._cpdispatch", "frameworks.cherrypy", "patch_dispatch", "http.route"),
    ("cherrypy._cprequest", "frameworks.cherrypy", "patch_request", "exceptions that CherryPy answers"),
    # Clients
    (
        "http.client",
        "clients.http_client",
        "patch",
        "client spans and headers (urllib, urllib3, requests, botocore)",
    ),
    # Queues
    # Concurrency, processes and their ends
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
