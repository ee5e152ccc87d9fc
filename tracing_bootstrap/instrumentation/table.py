"""Which library is patched by whom: one row each, read at arming, so nothing is imported here."""

from __future__ import annotations

PACKAGE = "tracing_bootstrap.instrumentation."

#: The module whose import applies the patch; the module of ours; its function; what it brings.
ROWS = (
    # Servers
    (
        "aiohttp.web_protocol",
        "servers.aiohttp",
        "patch",
        "server spans and http.route (aiohttp.web, gunicorn's aiohttp worker)",
    ),
    ("aiohttp.web_runner", "servers.aiohttp", "patch_runner", "last spans on SIGTERM"),
    ("grpc._server", "servers.grpc", "patch", "server spans (grpc)"),
    ("grpc.aio._server", "servers.grpc_aio", "patch", "server spans (grpc.aio)"),
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
    ("tornado.http1connection", "servers.tornado", "patch_connection", "server spans (tornado)"),
    ("tornado.routing", "servers.tornado", "patch_routing", "http.route"),
    ("tornado.tcpserver", "servers.tornado", "patch_tcpserver", "last spans on SIGTERM"),
    ("tornado.web", "servers.tornado", "patch_web", "exceptions that tornado answers"),
    ("werkzeug.serving", "servers.werkzeug", "patch_serving", "server spans (flask run, app.run)"),
    ("wsgiref.handlers", "servers.wsgiref", "patch_handlers", "server spans (wsgiref, Django's runserver)"),
    # Frameworks
    ("flask.app", "frameworks.flask", "patch_app", "exceptions that Flask answers"),
    ("flask.ctx", "frameworks.flask", "patch_ctx", "http.route"),
    # Clients
    (
        "aiohttp.client_reqrep",
        "clients.aiohttp",
        "patch_reqrep",
        "headers and ends of client spans (aiohttp)",
    ),
    ("aiohttp.connector", "clients.aiohttp", "patch_connector", "client spans (aiohttp)"),
    ("grpc._channel", "clients.grpc", "patch", "client spans and metadata (grpc)"),
    ("grpc.aio._call", "clients.grpc_aio", "patch_call", "client spans and metadata (grpc.aio)"),
    ("grpc.aio._channel", "clients.grpc_aio", "patch_channel", "addresses of client spans (grpc.aio)"),
    (
        "http.client",
        "clients.http_client",
        "patch",
        "client spans and headers (urllib, urllib3, requests, botocore)",
    ),
    ("botocore.endpoint", "clients.resends", "patch_botocore", "http.request.resend_count"),
    ("requests.sessions", "clients.resends", "patch_requests", "http.request.resend_count"),
    ("urllib.request", "clients.resends", "patch_urllib", "http.request.resend_count"),
    ("urllib3.util.retry", "clients.resends", "patch_urllib3", "http.request.resend_count"),
    (
        "httpcore._async.connection_pool",
        "clients.httpcore",
        "patch_async",
        "client spans and headers (httpx.AsyncClient)",
    ),
    (
        "httpcore._sync.connection_pool",
        "clients.httpcore",
        "patch_sync",
        "client spans and headers (httpx.Client)",
    ),
    ("httpx._client", "clients.httpcore", "patch_httpx", "http.request.resend_count"),
    ("tornado.curl_httpclient", "clients.tornado", "patch_curl", "client spans and headers (tornado's curl)"),
    ("tornado.simple_httpclient", "clients.tornado", "patch_simple", "client spans and headers (tornado)"),
    ("tornado.websocket", "clients.tornado", "patch_websocket", "client spans of WebSockets (tornado)"),
    # Queues
    # Concurrency, processes and their ends
    ("socketserver", "concurrency.termination", "patch_socketserver", "last spans on SIGTERM"),
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
