"""Which library is patched by whom: one row each, read at arming, so nothing is imported here."""

from __future__ import annotations

PACKAGE = "tracing_bootstrap.instrumentation."

#: The program that Python may be embedded in: its module is not imported by anybody (see bootstrap).
EMBEDDER = "uwsgi"

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

#: By the module whose import applies the patch: the function of ours that does it, and after a colon what it brings.
#: Texts and not tuples: nothing for Python's garbage collector to count, or to go through.
ROWS = {
    # Servers
    "daphne.server": "servers.daphne.patch_server: server spans (daphne)",
    "gunicorn.workers.gasgi": "servers.gunicorn_asgi.patch_gasgi: server spans (gunicorn's asgi worker)",
    "granian.asgi": "servers.granian.patch_asgi: server spans (granian)",
    "granian.wsgi": "servers.granian.patch_wsgi: server spans (granian, WSGI)",
    "hypercorn.app_wrappers": "servers.hypercorn.patch_app_wrappers: server spans (hypercorn)",
    "uvicorn.config": "servers.uvicorn.patch_config: server spans (uvicorn, and gunicorn's uvicorn workers)",
    "uvicorn.protocols.http.flow_control": "servers.uvicorn.patch_flow_control: uvicorn's own 503",
    "uvicorn.server": "servers.uvicorn.patch_server: last spans of uvicorn",
    "aiohttp.web_protocol": "servers.aiohttp.patch: server spans, http.route (aiohttp.web, gunicorn's aiohttp worker)",
    "grpc._server": "servers.grpc.patch: server spans (grpc)",
    "grpc.aio._server": "servers.grpc_aio.patch: server spans (grpc.aio)",
    "gunicorn.app.base": "servers.gunicorn_config.patch_app_base: the image's gunicorn defaults and hooks",
    "gunicorn.glogging": "servers.gunicorn.patch_glogging: trace ids in the access log",
    "gunicorn.http.wsgi": "servers.gunicorn.patch_wsgi: server spans (sync, gthread and other WSGI workers)",
    "tornado.http1connection": "servers.tornado.patch_connection: server spans (tornado)",
    "tornado.process": "servers.tornado_process.patch: last spans of tornado's children",
    "tornado.routing": "servers.tornado.patch_routing: http.route",
    "tornado.web": "servers.tornado.patch_web: exceptions that tornado answers",
    "werkzeug.serving": "servers.werkzeug.patch_serving: server spans (flask run, app.run)",
    "wsgiref.handlers": "servers.wsgiref.patch_handlers: server spans (wsgiref, Django's runserver)",
    "werkzeug._reloader": "servers.reloaders.patch_werkzeug: last spans under a reloader",
    "django.utils.autoreload": "servers.reloaders.patch_django: last spans under a reloader",
    "waitress.task": "servers.waitress.patch_task: server spans (waitress)",
    "waitress.channel": "servers.waitress.patch_channel: the ends of waitress's spans",
    "waitress.server": "servers.waitress.patch_server: last spans on SIGTERM",
    "cheroot.wsgi": "servers.cheroot.patch_wsgi: server spans (cheroot, CherryPy)",
    "cheroot.server": "servers.cheroot.patch_server: the ends of cheroot's spans, SIGTERM",
    "gevent.pywsgi": "servers.gevent.patch_pywsgi: server spans (gevent's WSGI server)",
    "gevent.baseserver": "servers.gevent.patch_baseserver: last spans on SIGTERM",
    "tornado.wsgi": "servers.tornado_wsgi.patch: exceptions of WSGI applications in tornado",
    EMBEDDER: "servers.uwsgi.patch: server spans (uWSGI)",
    "pyuwsgi": "servers.uwsgi.patch_pyuwsgi: server spans (uWSGI)",
    # Frameworks
    "litestar.routes.asgi": "frameworks.litestar.patch_asgi: http.route (Litestar)",
    "litestar.routes.http": "frameworks.litestar.patch_http: http.route (Litestar)",
    "litestar.routes.websocket": "frameworks.litestar.patch_websocket: http.route (Litestar)",
    "quart.app": "frameworks.quart.patch_app: exceptions that Quart answers",
    "quart.ctx": "frameworks.quart.patch_ctx: http.route (Quart)",
    "sanic.app": "frameworks.sanic.patch_app: http.route of Sanic's WebSockets",
    "sanic.asgi": "frameworks.sanic.patch_asgi: http.route (Sanic under another server)",
    "sanic.handlers.error": "frameworks.sanic.patch_error: exceptions that Sanic answers",
    "sanic.server.protocols.http_protocol": "frameworks.sanic.patch_protocol: server spans (Sanic)",
    "fastapi.routing": "frameworks.starlette.patch_fastapi: http.route of included routers",
    "starlette.routing": "frameworks.starlette.patch_routing: http.route (Starlette, FastAPI)",
    "flask.app": "frameworks.flask.patch_app: exceptions that Flask answers",
    "flask.ctx": "frameworks.flask.patch_ctx: http.route",
    "django.core.handlers.base": "frameworks.django.patch_base: http.route",
    "django.core.handlers.exception": "frameworks.django.patch_exception: exceptions that Django answers",
    "falcon.app": "frameworks.falcon.patch_app: http.route, exceptions that Falcon answers",
    "falcon.asgi.app": "frameworks.falcon.patch_asgi_app: exceptions that Falcon answers",
    "pyramid.urldispatch": "frameworks.pyramid.patch_urldispatch: http.route",
    "pyramid.tweens": "frameworks.pyramid.patch_tweens: exceptions that a Pyramid view answers",
    "bottle": "frameworks.bottle.patch: http.route, exceptions that Bottle answers",
    "cherrypy._cpdispatch": "frameworks.cherrypy.patch_dispatch: http.route",
    "cherrypy._cprequest": "frameworks.cherrypy.patch_request: exceptions that CherryPy answers",
    # Clients
    "aiohttp.client_reqrep": "clients.aiohttp.patch_reqrep: headers and ends of client spans (aiohttp)",
    "aiohttp.connector": "clients.aiohttp.patch_connector: client spans (aiohttp)",
    "grpc._channel": "clients.grpc.patch: client spans and metadata (grpc)",
    "grpc.aio._call": "clients.grpc_aio.patch_call: client spans and metadata (grpc.aio)",
    "grpc.aio._channel": "clients.grpc_aio.patch_channel: addresses of client spans (grpc.aio)",
    "http.client": "clients.http_client.patch: client spans and headers (urllib, urllib3, requests, botocore)",
    "botocore.endpoint": "clients.resends.patch_botocore: http.request.resend_count",
    "requests.sessions": "clients.resends.patch_requests: http.request.resend_count",
    "urllib.request": "clients.resends.patch_urllib: http.request.resend_count",
    "urllib3.util.retry": "clients.resends.patch_urllib3: http.request.resend_count",
    "httpcore._async.connection_pool": "clients.httpcore.patch_async: client spans and headers (httpx.AsyncClient)",
    "httpcore._sync.connection_pool": "clients.httpcore.patch_sync: client spans and headers (httpx.Client)",
    "httpx._client": "clients.httpcore.patch_httpx: http.request.resend_count",
    "tornado.curl_httpclient": "clients.tornado.patch_curl: client spans and headers (tornado's curl)",
    "tornado.simple_httpclient": "clients.tornado.patch_simple: client spans and headers (tornado)",
    "tornado.websocket": "clients.tornado.patch_websocket: client spans of WebSockets (tornado)",
    # Queues
    "celery.app.amqp": "queues.celery.patch_amqp: producer spans of Celery tasks",
    "celery.app.trace": "queues.celery.patch_trace: consumer spans of Celery tasks (all pools)",
    "rq.job": "queues.rq.patch_job: trace headers of RQ jobs",
    "rq.queue": "queues.rq.patch_queue: producer spans of RQ jobs",
    "rq.worker": "queues.rq.patch_worker: consumer spans of RQ jobs",
    "rq.worker.base": "queues.rq.patch_worker: consumer spans of RQ jobs (RQ 3)",
    "dramatiq.broker": "queues.dramatiq.patch_broker: producer and consumer spans of Dramatiq",
    "dramatiq.brokers.rabbitmq": "queues.dramatiq.patch_brokers: messages that could not be sent",
    "dramatiq.brokers.redis": "queues.dramatiq.patch_brokers: messages that could not be sent",
    "dramatiq.brokers.stub": "queues.dramatiq.patch_brokers: messages that could not be sent",
    "kafka.producer.kafka": "queues.kafka_python.patch_producer: producer spans of kafka-python",
    "kafka.consumer.group": "queues.kafka_python.patch_consumer: consumer spans of kafka-python",
    "confluent_kafka.cimpl": "queues.confluent_kafka.patch: both spans of confluent-kafka",
    "confluent_kafka.aio._AIOConsumer": "queues.confluent_kafka.patch_aio: its asyncio consumer",
    "aiokafka.producer.producer": "queues.aiokafka.patch_producer: producer spans of aiokafka",
    "aiokafka.consumer.consumer": "queues.aiokafka.patch_consumer: consumer spans of aiokafka",
    "pika.channel": "queues.pika.patch_channel: producer spans of pika, its asynchronous callbacks",
    "pika.adapters.blocking_connection": "queues.pika.patch_blocking: consumer spans of pika",
    "aiormq.channel": "queues.aiormq.patch_channel: both spans of aiormq and aio-pika",
    "aio_pika.queue": "queues.aiormq.patch_queue: consumer spans of aio-pika's loops",
    "aio_pika.robust_queue": "queues.aiormq.patch_robust: consumer spans of aio-pika's loops",
    "botocore.client": "queues.sqs.patch_client: both spans of Amazon SQS",
    # Concurrency, processes and their ends
    "concurrent.futures.process": "concurrency.processes.patch_futures: ProcessPoolExecutor's work in its own context",
    "concurrent.futures.thread": "concurrency.threads.patch_futures: its work in its own context (run_in_executor too)",
    "multiprocessing.pool": "concurrency.processes.patch_pool: the work of Pool and ThreadPool in its own context",
    "multiprocessing.process": "concurrency.processes.patch_process: the context in started processes",
    "subprocess": "concurrency.children.patch_subprocess: TRACEPARENT in children's environments",
    "threading": "concurrency.threads.patch_threading: the context in started threads",
    # Logs, and the OpenTelemetry API
    "logging": "logging.patch: trace ids on log records",
    "opentelemetry.context": "opentelemetry_api.patch_context: the API's current context is ours",
    "opentelemetry.util._importlib_metadata": "opentelemetry_api.patch_entry_points: the API finds its own propagators",
    "opentelemetry.trace": "opentelemetry_api.patch_trace: the API's spans are ours",
    "opentelemetry.instrumentation.utils": "opentelemetry_instrumentation.patch_utils: SDKs' instrumentations trace on",
    "opentracing": "opentracing.patch: the OpenTracing API's spans are ours",
    "sentry_sdk.transport": "others_exports.patch_sentry: its own exports are nobody's trace",
    # Detail
    "sqlalchemy.engine.base": "detail.sqlalchemy.patch: spans of statements, where the driver has none",
    **{module: f"detail.trigger.place: detail of {row[0]}" for module, row in DETAIL.items()},
}


def function_of(row: str) -> tuple[str, str]:
    """Return a row's module of ours and that one's function."""
    module, _, function = row.partition(": ")[0].rpartition(".")
    return PACKAGE + module, function
