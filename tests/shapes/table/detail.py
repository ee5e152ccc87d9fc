"""What happens inside a service: database, cache and template spans, none doubled, no value told."""

from tests.shapes.row import CLIENT, INTERNAL, SERVER, Node, Row

SCOPE = "opentelemetry.instrumentation."
QUERY = "SELECT {p} + ? AS answer, ? AS text"

CALL = Node(CLIENT, "GET", scope="tracing_bootstrap")


def inside(*spans):
    """A request's span, and below it these and the outgoing call."""
    return Node(SERVER, below=(*spans, CALL))


def query(library, system, placeholder, **more):
    """The span of one statement, without its values."""
    text = QUERY.format(p=placeholder)
    attributes = {"db.system.name": system, "db.query.text": text, "db.query.summary": "SELECT"}
    return Node(CLIENT, "SELECT", attributes={**attributes, **more}, scope=SCOPE + library)


def row(name, *requirements, uses="", tree, environment=None, **more):
    """A row of a service that uses one library."""
    return Row(
        name,
        app="databases",
        command=("gunicorn", "app:app"),
        requirements=("flask", "gunicorn", *requirements),
        environment={"USES": uses or name.replace("-", "_"), **(environment or {})},
        tree=inside(*tree),
        **more,
    )


SQLITE = query("sqlite3", "sqlite", "?")
POSTGRESQL = {"server.address": "postgresql", "server.port": 5432, "db.namespace": "postgres"}
MARIADB = {"server.address": "mariadb", "server.port": 3306, "db.namespace": "mysql"}
REDIS = {"db.system.name": "redis", "server.address": "redis", "server.port": 6379}
MEMCACHED = {"db.system.name": "memcached", "server.address": "memcached"}

ROWS: tuple[Row, ...] = (
    row("sqlite3", tree=[SQLITE]),
    row("sqlite3-untouched", tree=[SQLITE]),
    row(
        "sqlite3-failing",
        tree=[
            Node(
                CLIENT,
                "SELECT nowhere",
                attributes={"db.query.text": "SELECT * FROM nowhere WHERE secret = ?"},
                status="ERROR",
            )
        ],
    ),
    row(
        "psycopg2",
        "psycopg2-binary",
        beside=("postgresql",),
        tree=[query("psycopg2", "postgresql", "%s", **POSTGRESQL)],
    ),
    row(
        "psycopg",
        "psycopg[binary]",
        beside=("postgresql",),
        tree=[query("psycopg", "postgresql", "%s", **POSTGRESQL)],
    ),
    row(
        "psycopg-async",
        "psycopg[binary]",
        beside=("postgresql",),
        tree=[query("psycopg", "postgresql", "%s", **POSTGRESQL)],
    ),
    row(
        "asyncpg",
        "asyncpg",
        beside=("postgresql",),
        tree=[
            query(
                "asyncpg",
                "postgresql",
                "$1::int",
                **{"db.namespace": "postgres", "server.address": "postgresql"},
            )
        ],
    ),
    row("pymysql", "pymysql", beside=("mariadb",), tree=[query("pymysql", "mysql", "%s", **MARIADB)]),
    # One span of a statement, the driver's; SQLAlchemy's own only where there is none.
    row(
        "mysql-connector",
        "mysql-connector-python",
        beside=("mariadb",),
        tree=[query("mysql", "mysql", "%s", **MARIADB)],
    ),
    row(
        "sqlalchemy-sqlite3",
        "sqlalchemy",
        uses="sqlalchemy",
        environment={"DATABASE": "sqlite://"},
        tree=[query("sqlite3", "sqlite", "?")],
    ),
    row(
        "sqlalchemy-psycopg2",
        "sqlalchemy",
        "psycopg2-binary",
        uses="sqlalchemy",
        beside=("postgresql",),
        environment={"DATABASE": "postgresql+psycopg2://postgres@postgresql/postgres"},
        tree=[query("psycopg2", "postgresql", "%(n)s", **POSTGRESQL)],
    ),
    row(
        "sqlalchemy-pg8000",
        "sqlalchemy<2.1",
        "pg8000",
        uses="sqlalchemy",
        beside=("postgresql",),
        environment={"DATABASE": "postgresql+pg8000://postgres@postgresql/postgres"},
        tree=[query("sqlalchemy", "postgresql", "%s")],
    ),
    # No instrumentation knows this version: no span, and nothing broken.
    row(
        "sqlalchemy-too-new",
        "sqlalchemy>=2.1",
        "pg8000",
        uses="sqlalchemy",
        beside=("postgresql",),
        environment={"DATABASE": "postgresql+pg8000://postgres@postgresql/postgres"},
        tree=[],
    ),
    *(
        row(
            name,
            "redis",
            beside=("redis",),
            tree=[
                Node(CLIENT, "SET", attributes={**REDIS, "db.query.text": "SET ? ?"}, scope=SCOPE + "redis"),
                Node(CLIENT, "GET", attributes={**REDIS, "db.query.text": "GET ?"}, scope=SCOPE + "redis"),
            ],
        )
        for name in ("redis", "redis-async")
    ),
    row(
        "pymongo",
        "pymongo",
        tree=[Node(CLIENT)],
        cannot="Debian has no MongoDB server since its licence changed, and no image registry can be reached",
    ),
    row(
        "pymemcache",
        "pymemcache",
        beside=("memcached",),
        tree=[
            Node(CLIENT, "set", attributes={**MEMCACHED, "db.query.text": "set"}, scope=SCOPE + "pymemcache"),
            Node(CLIENT, "get", attributes={**MEMCACHED, "db.query.text": "get"}, scope=SCOPE + "pymemcache"),
        ],
    ),
    row(
        "jinja2",
        "jinja2",
        tree=[
            Node(
                INTERNAL,
                "jinja2.render",
                attributes={"jinja2.template_name": "page.html"},
                scope=SCOPE + "jinja2",
            )
        ],
    ),
    # Whatever a service pins of what the layer has: it runs on that, and has its detail.
    *(
        row(
            f"pinned-{name}",
            *pins,
            uses="versions",
            environment={"MODULES": modules},
            python=python,
            tree=[SQLITE],
        )
        for name, pins, modules, python in (
            ("wrapt-1.14", ["wrapt==1.14.1"], "wrapt", "3.11"),
            ("packaging-21", ["packaging==21.3"], "packaging", "3.13"),
            ("typing-extensions-4.4", ["typing-extensions==4.4.0"], "typing_extensions", "3.11"),
            ("opentelemetry-api-1.20", ["opentelemetry-api==1.20.0"], "opentelemetry.trace", "3.11"),
            (
                "opentelemetry-instrumentation-0.41b0",
                ["opentelemetry-instrumentation==0.41b0", "setuptools<80"],
                "opentelemetry.instrumentation.utils wrapt",
                "3.11",
            ),
        )
    ),
    row(
        "switched-off",
        uses="sqlite3",
        environment={"OTEL_PYTHON_DISABLED_INSTRUMENTATIONS": "sqlite3"},
        tree=[],
    ),
    row(
        "by-hand",
        "opentelemetry-instrumentation-sqlite3",
        tree=[Node(CLIENT, "SELECT", scope=SCOPE + "sqlite3")],
    ),
)
