"""Which library is patched by whom: one row each, read at arming, so nothing is imported here."""

from __future__ import annotations

PACKAGE = "tracing_bootstrap.instrumentation."

#: What happens inside a service: the module whose import prepares it; the library's name as the contrib package has
#: it; and the functions before whose first call that package is loaded.
DETAIL = {
    "MySQLdb": ("mysqlclient", ("connect",)),
    "asyncpg.connection": ("asyncpg", ("Connection.__init__",)),
    "cassandra.cluster": ("cassandra", ("Cluster.connect",)),
    "jinja2.environment": ("jinja2", ("Environment._load_template", "Environment.compile")),
    "mysql.connector": ("mysql", ("connect",)),
    "psycopg": ("psycopg", ("connect", "Connection.connect", "AsyncConnection.connect")),
    "psycopg2": ("psycopg2", ("connect",)),
    "pymemcache.client.base": ("pymemcache", ("Client.__init__",)),
    "pymongo.asynchronous.mongo_client": ("pymongo", ("AsyncMongoClient.__init__",)),
    "pymongo.mongo_client": ("pymongo", ("MongoClient.__init__",)),
    "pymysql": ("pymysql", ("connect",)),
    "redis.asyncio.client": ("redis", ("Redis.execute_command", "Pipeline.execute")),
    "redis.asyncio.cluster": ("redis", ("RedisCluster.execute_command", "ClusterPipeline.execute")),
    "redis.client": ("redis", ("Redis.execute_command", "Pipeline.execute")),
    "redis.cluster": ("redis", ("RedisCluster.execute_command", "ClusterPipeline.execute")),
    "sqlite3": ("sqlite3", ("connect", "dbapi2.connect")),
}

#: The module whose import applies the patch; the module of ours; its function; what it brings.
ROWS = (
    # Servers
    ("daphne.server", "servers.daphne", "patch_server", "server spans (daphne)"),
    (
        "gunicorn.workers.gasgi",
        "servers.gunicorn_asgi",
        "patch_gasgi",
        "server spans (gunicorn's asgi worker)",
    ),
    ("hypercorn.app_wrappers", "servers.hypercorn", "patch_app_wrappers", "server spans (hypercorn)"),
    (
        "uvicorn.config",
        "servers.uvicorn",
        "patch_config",
        "server spans (uvicorn, and gunicorn's uvicorn workers)",
    ),
    ("uvicorn.protocols.http.flow_control", "servers.uvicorn", "patch_flow_control", "uvicorn's own 503"),
    ("uvicorn.server", "servers.uvicorn", "patch_server", "last spans of uvicorn"),
    (
        "aiohttp.web_protocol",
        "servers.aiohttp",
        "patch",
        "server spans and http.route (aiohttp.web, gunicorn's aiohttp worker)",
    ),
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
    ("waitress.task", "servers.waitress", "patch_task", "server spans (waitress)"),
    ("waitress.channel", "servers.waitress", "patch_channel", "the ends of waitress's spans"),
    ("waitress.server", "servers.waitress", "patch_server", "last spans on SIGTERM"),
    ("cheroot.wsgi", "servers.cheroot", "patch_wsgi", "server spans (cheroot, CherryPy)"),
    ("cheroot.server", "servers.cheroot", "patch_server", "the ends of cheroot's spans, SIGTERM"),
    ("gevent.pywsgi", "servers.gevent", "patch_pywsgi", "server spans (gevent's WSGI server)"),
    ("gevent.baseserver", "servers.gevent", "patch_baseserver", "last spans on SIGTERM"),
    ("tornado.wsgi", "servers.tornado_wsgi", "patch", "server spans (WSGI in tornado)"),
    # Frameworks
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
    ("celery.app.amqp", "queues.celery", "patch_amqp", "producer spans of Celery tasks"),
    ("celery.app.trace", "queues.celery", "patch_trace", "consumer spans of Celery tasks (all pools)"),
    ("billiard.pool", "queues.celery", "patch_pool", "last spans of Celery's pool children"),
    ("billiard.process", "queues.celery", "patch_process", "last spans of billiard's processes"),
    ("rq.job", "queues.rq", "patch_job", "trace headers of RQ jobs"),
    ("rq.queue", "queues.rq", "patch_queue", "producer spans of RQ jobs"),
    ("rq.worker", "queues.rq", "patch_worker", "consumer spans of RQ jobs"),
    ("rq.worker.base", "queues.rq", "patch_worker", "consumer spans of RQ jobs (RQ 3)"),
    ("dramatiq.broker", "queues.dramatiq", "patch_broker", "producer and consumer spans of Dramatiq"),
    ("dramatiq.brokers.rabbitmq", "queues.dramatiq", "patch_brokers", "messages that could not be sent"),
    ("dramatiq.brokers.redis", "queues.dramatiq", "patch_brokers", "messages that could not be sent"),
    ("dramatiq.brokers.stub", "queues.dramatiq", "patch_brokers", "messages that could not be sent"),
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
    (
        "opentelemetry.instrumentation.utils",
        "opentelemetry_instrumentation",
        "patch_utils",
        "an SDK's instrumentations make the spans that they made without us",
    ),
    ("opentracing", "opentracing", "patch", "the OpenTracing API's spans are ours"),
    ("sentry_sdk.transport", "others_exports", "patch_sentry", "its own exports are nobody's trace"),
    # Detail
    (
        "sqlalchemy.engine.base",
        "detail.sqlalchemy",
        "patch",
        "spans of statements, where the driver has none",
    ),
    *((module, "detail.trigger", "place", f"detail of {row[0]}") for module, row in DETAIL.items()),
)
