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
