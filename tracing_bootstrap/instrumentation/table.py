"""Which library is patched by whom: one row each, read at arming, so nothing is imported here."""

from __future__ import annotations

PACKAGE = "tracing_bootstrap.instrumentation."

#: The module whose import applies the patch; the module of ours; its function; what it brings.
ROWS = (
    # Servers
    ("daphne.server", "servers.daphne", "patch_server", "server spans (daphne)"),
    ("gunicorn.workers.gasgi", "servers.gunicorn_asgi", "patch_gasgi", "server spans (gunicorn's asgi worker)"),
    ("granian.asgi", "servers.granian", "patch_asgi", "server spans (granian)"),
    ("granian.wsgi", "servers.granian", "patch_wsgi", "server spans (granian, WSGI)"),
    ("hypercorn.app_wrappers", "servers.hypercorn", "patch_app_wrappers", "server spans (hypercorn)"),
    ("uvicorn.config", "servers.uvicorn", "patch_config", "server spans (uvicorn, and gunicorn's uvicorn workers)"),
    ("uvicorn.protocols.http.flow_control", "servers.uvicorn", "patch_flow_control", "uvicorn's own 503"),
    ("uvicorn.server", "servers.uvicorn", "patch_server", "last spans of uvicorn"),
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
    ("waitress.task", "servers.waitress", "patch_task", "server spans (waitress)"),
    ("waitress.channel", "servers.waitress", "patch_channel", "the ends of waitress's spans"),
    ("waitress.server", "servers.waitress", "patch_server", "last spans on SIGTERM"),
    ("cheroot.wsgi", "servers.cheroot", "patch_wsgi", "server spans (cheroot, CherryPy)"),
    ("cheroot.server", "servers.cheroot", "patch_server", "the ends of cheroot's spans, SIGTERM"),
    ("gevent.pywsgi", "servers.gevent", "patch_pywsgi", "server spans (gevent's WSGI server)"),
    ("gevent.baseserver", "servers.gevent", "patch_baseserver", "last spans on SIGTERM"),
    ("tornado.wsgi", "servers.tornado_wsgi", "patch", "server spans (WSGI in tornado)"),
    # Frameworks
    ("litestar.routes.asgi", "frameworks.litestar", "patch_asgi", "http.route (Litestar)"),
    ("litestar.routes.http", "frameworks.litestar", "patch_http", "http.route (Litestar)"),
    ("litestar.routes.websocket", "frameworks.litestar", "patch_websocket", "http.route (Litestar)"),
    ("quart.app", "frameworks.quart", "patch_app", "exceptions that Quart answers"),
    ("quart.ctx", "frameworks.quart", "patch_ctx", "http.route (Quart)"),
    ("sanic.app", "frameworks.sanic", "patch_app", "http.route of Sanic's WebSockets"),
    ("sanic.asgi", "frameworks.sanic", "patch_asgi", "http.route (Sanic under another server)"),
    ("sanic.handlers.error", "frameworks.sanic", "patch_error", "exceptions that Sanic answers"),
    ("sanic.server.protocols.http_protocol", "frameworks.sanic", "patch_protocol", "server spans (Sanic)"),
    ("fastapi.routing", "frameworks.starlette", "patch_fastapi", "http.route of included routers"),
    ("starlette.routing", "frameworks.starlette", "patch_routing", "http.route (Starlette, FastAPI)"),
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
