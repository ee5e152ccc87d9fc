"""What a service pins: it runs on exactly that, whatever age it has, and is traced.

The answers hold each module's version and file, and are the same with and without tracing.
"""

from tests.shapes.row import CLIENT, INTERNAL, SERVER, Node, Row

#: The service's own span, by the API of the version that it pins.
OWN_SPAN = Node(SERVER, below=(Node(INTERNAL, "own", scope="own", below=(Node(CLIENT),)),))


def pin(name, *requirements, uses, modules, **more):
    """A row of a service that pins these."""
    return Row(
        name,
        app="pinned",
        command=("gunicorn", "app:app"),
        requirements=tuple(
            [
                name
                for name in ("flask", "gunicorn")
                if not any(pin.startswith(f"{name}==") for pin in requirements)
            ]
        )
        + requirements,
        environment={"USES": uses, "MODULES": modules},
        **more,
    )


ROWS: tuple[Row, ...] = (
    pin("protobuf-3.20", "protobuf==3.20.3", uses="protobuf", modules="google.protobuf"),
    pin(
        "typing-extensions-4.4",
        "typing-extensions==4.4.0",
        uses="typing_extensions",
        modules="typing_extensions",
        python="3.11",
    ),
    pin(
        "opentelemetry-api-1.20",
        "opentelemetry-api==1.20.0",
        uses="opentelemetry",
        modules="opentelemetry.trace opentelemetry.version",
        tree=OWN_SPAN,
        python="3.11",
    ),
    pin(
        "opentelemetry-sdk-1.38",
        "opentelemetry-api==1.38.0",
        "opentelemetry-sdk==1.38.0",
        uses="sdk",
        modules="opentelemetry.trace opentelemetry.sdk.trace opentelemetry.version",
        tree=OWN_SPAN,
    ),
    pin(
        "opentelemetry-api-and-typing-extensions",
        "opentelemetry-api==1.20.0",
        "typing-extensions==4.4.0",
        uses="opentelemetry",
        modules="opentelemetry.trace typing_extensions",
        tree=OWN_SPAN,
        python="3.11",
    ),
    pin("wrapt-1.14", "wrapt==1.14.1", uses="wrapt", modules="wrapt", python="3.11"),
    pin(
        "requests-2.25.1-urllib3-1.26.5",
        "requests==2.25.1",
        "urllib3==1.26.5",
        uses="requests",
        modules="requests urllib3",
        python="3.11",
    ),
    pin("requests-2.25.1", "requests==2.25.1", uses="requests", modules="requests urllib3"),
    pin("packaging-21", "packaging==21.3", uses="packaging", modules="packaging"),
    pin(
        "flask-2-gunicorn-20",
        "flask==2.0.3",
        "werkzeug==2.0.3",
        "gunicorn==20.1.0",
        "setuptools<80",
        uses="plain",
        modules="flask werkzeug gunicorn",
        python="3.11",
    ),
    pin(
        "everything-old",
        "protobuf==3.20.3",
        "typing-extensions==4.4.0",
        "opentelemetry-api==1.20.0",
        "wrapt==1.14.1",
        "requests==2.25.1",
        "urllib3==1.26.5",
        "packaging==21.3",
        uses="requests",
        modules="requests urllib3 google.protobuf typing_extensions wrapt packaging opentelemetry.version",
        python="3.11",
    ),
)
