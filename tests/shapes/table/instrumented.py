"""Services that had tracing before: theirs goes on as it was, ours is whole, and nothing is doubled.

Where a service's own SDK exports to the company's collector as well, each unit of work has one span there.
"""

from tests.shapes.row import CLIENT, INTERNAL, SERVER, SERVER_AND_CLIENT, Node, Row

OURS = "tracing_bootstrap"
FLASK = "opentelemetry-instrumentation-flask"
REQUESTS = "opentelemetry-instrumentation-requests"
SDK = "opentelemetry-sdk"
OTLP = "opentelemetry-exporter-otlp-proto-http"

#: The whole tree, all of it from the skeleton.
SKELETON = Node(SERVER, "GET /work/<int:number>", scope=OURS, below=(Node(CLIENT, "GET", scope=OURS),))


def row(name, *requirements, uses, tree=SERVER_AND_CLIENT, exporter="own", environment=None, **more):
    """A row of a service that USES some tracing of its own."""
    return Row(
        name,
        app="instrumented",
        requirements=("flask", "gunicorn", *requirements),
        environment={"USES": uses, "EXPORTER": exporter, **(environment or {})},
        tree=tree,
        **{"command": ("gunicorn", "--workers", "1", "app:app"), **more},
    )


ROWS: tuple[Row, ...] = (
    # The API only: what an instrumentation makes would come to us, and is what the skeleton has made already.
    row(
        "flask-by-hand",
        FLASK,
        uses="flask",
        tree=Node(SERVER, scope=OURS, attributes={"hook": "called"}, below=SKELETON.below),
    ),
    row("requests-by-hand", REQUESTS, "requests", uses="requests", tree=SKELETON),
    row("flask-and-requests-by-hand", FLASK, REQUESTS, "requests", uses="flask requests", tree=SKELETON),
    # An SDK that sends elsewhere: printed is what it sends; our tree has none of it and no gap.
    row("sdk-manual", SDK, uses="sdk manual", tree=SKELETON),
    row("sdk-flask", SDK, FLASK, uses="sdk flask", tree=SKELETON),
    row("sdk-flask-requests", SDK, FLASK, REQUESTS, "requests", uses="sdk flask requests", tree=SKELETON),
    # An SDK that sends to the company's collector.
    row(
        "sdk-manual-same-collector",
        SDK,
        OTLP,
        uses="sdk manual",
        exporter="company",
        tree=Node(SERVER, scope=OURS, below=(Node(INTERNAL, "manual", below=(Node(CLIENT, scope=OURS),)),)),
    ),
    row(
        "sdk-flask-requests-same-collector",
        SDK,
        OTLP,
        FLASK,
        REQUESTS,
        "requests",
        uses="sdk flask requests",
        exporter="company",
        tree=Node(SERVER, scope=OURS, below=(Node(INTERNAL, below=(Node(CLIENT, "GET"),)),)),
    ),
    # Its own distribution starts the service; it finds our collector in the environment.
    row(
        "opentelemetry-instrument",
        "opentelemetry-distro",
        OTLP,
        FLASK,
        uses="",
        command=("opentelemetry-instrument", "gunicorn", "--workers", "1", "app:app"),
        environment={
            "OTEL_EXPORTER_OTLP_PROTOCOL": "http/protobuf",
            "OTEL_METRICS_EXPORTER": "none",
            "OTEL_LOGS_EXPORTER": "none",
        },
        tree=Node(SERVER, scope=OURS, below=(Node(INTERNAL, below=(Node(CLIENT, scope=OURS),)),)),
    ),
    # It has no SDK to start: what its instrumentations make is ours.
    row(
        "opentelemetry-instrument-without-sdk",
        "opentelemetry-instrumentation",
        FLASK,
        REQUESTS,
        "requests",
        uses="requests",
        command=("opentelemetry-instrument", "gunicorn", "--workers", "1", "app:app"),
        tree=SKELETON,
    ),
    row(
        "ddtrace-run",
        "ddtrace",
        uses="",
        command=("ddtrace-run", "gunicorn", "--workers", "1", "app:app"),
        # Nobody takes what it sends.
        unstable=("ddtrace|[Dd]atadog|failed to send",),
    ),
    row(
        "sentry",
        "sentry-sdk[flask]",
        uses="sentry",
        # Said where it was still sending when it ended.
        unstable=("Sentry is attempting to send", "Waiting up to", "Press Ctrl-C"),
    ),
    row(
        "opentracing",
        "opentracing",
        uses="opentracing",
        tree=Node(
            SERVER,
            below=(
                Node(
                    INTERNAL,
                    "manual",
                    attributes={"customer": "gold"},
                    scope="opentracing",
                    below=(Node(CLIENT, scope=OURS),),
                ),
            ),
        ),
    ),
    *(
        Row(
            f"fastapi-by-hand{'-sdk' if uses else ''}",
            app="instrumented_asgi",
            command=("uvicorn", "--host", "0.0.0.0", "app:app"),
            requirements=("fastapi", "uvicorn", "opentelemetry-instrumentation-fastapi", *more),
            environment={"USES": uses},
            # The service's own exporter, whose collector is down.
            unstable=(
                "127.0.0.1",
                "Traceback|  File |    |urllib3|requests.exceptions|During handling|The above",
            ),
            tree=Node(SERVER, "GET /work/{number}", scope=OURS, below=(Node(CLIENT, "GET", scope=OURS),)),
        )
        for uses, more in (("", ()), ("sdk", (SDK, OTLP)))
    ),
)
