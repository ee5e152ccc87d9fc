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


def row(name, *requirements, uses, tree=SERVER_AND_CLIENT, exporter="own", **more):
    return Row(
        name,
        **{"app": "instrumented", "command": ("gunicorn", "--workers", "1", "app:app"), **more},
        requirements=("flask", "gunicorn", *requirements),
        environment={"USES": uses, "EXPORTER": exporter, **more.pop("environment", {})},
        tree=tree,
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
)
