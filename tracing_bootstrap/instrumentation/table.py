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
    ("kafka.producer.kafka", "queues.kafka_python", "patch_producer", "producer spans of kafka-python"),
    ("kafka.consumer.group", "queues.kafka_python", "patch_consumer", "consumer spans of kafka-python"),
    ("confluent_kafka.cimpl", "queues.confluent_kafka", "patch", "both spans of confluent-kafka"),
    ("confluent_kafka.aio._AIOConsumer", "queues.confluent_kafka", "patch_aio", "its asyncio consumer"),
    ("aiokafka.producer.producer", "queues.aiokafka", "patch_producer", "producer spans of aiokafka"),
    ("aiokafka.consumer.consumer", "queues.aiokafka", "patch_consumer", "consumer spans of aiokafka"),
    ("pika.channel", "queues.pika", "patch_channel", "producer spans of pika, its asynchronous callbacks"),
    ("pika.adapters.blocking_connection", "queues.pika", "patch_blocking", "consumer spans of pika"),
    ("aiormq.channel", "queues.aiormq", "patch_channel", "both spans of aiormq and aio-pika"),
    ("aio_pika.queue", "queues.aiormq", "patch_queue", "consumer spans of aio-pika's loops"),
    ("botocore.client", "queues.sqs", "patch_client", "both spans of Amazon SQS"),
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
